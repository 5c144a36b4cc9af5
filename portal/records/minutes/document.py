"""Minutes as they went out: the professional version, and the one for the child and family."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.records.children.presenter import born
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.document import cited_blocks
from portal.records.entries.presenter.citation import Cited, cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.records.minutes.presenter.minutes import ON_THE_WHOLE, correction_words, for_family
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.web.filters import clock_time, day, moment, nhs_number


def minutes(*, issue: Any, case: Any | None, warnings: Sequence[str] = ()) -> Document:
    """The frozen text of an issue, with what it cites as the reader may see it.

    Args:
        issue: approved minutes; never a draft.
        case: the row of `portal.records.entries.reading.case_page.head`, where the reader reads it.
        warnings: what the alerts on the child ask of whoever holds the paper.
    """
    if issue.kind == MinutesKind.FAMILY_SAFE:
        return _for_family(issue)
    found = minutes_issues.gathered(issue=issue)
    said = found["content"]
    met, child = said["meeting"], said["child"]
    cited = _cited(said["items"], case)
    return Document.of(
        issue,
        CopyKind.MINUTES,
        title="Minutes",
        about=[
            f"{met['kind']} of {_when(met)}, meeting {met['reference']}",
            _child(child) if child else ON_THE_WHOLE,
        ],
        case_ids=[issue.case_id] if issue.case_id else [],
        warnings=warnings,
        blocks=[
            *blocks.facts(_facts(issue, met, child)),
            *_attendance(said["attendance"]),
            *_reviewed(said.get("reviewed", ())),  # of an issue that is older there is none
            *(block for one in said["items"] for block in _item(one, cited.get(one["minute_id"], ()))),
            *_decisions(said["decisions"]),
            *_level(said["level"], found["level_since"]),
            *_plan_ended(said.get("safety_plan")),
            *_actions(said["actions"]),
            *_next(said["next_on"]),
            *_corrections(found["notes"]),
        ],
    )


def _for_family(issue: Any) -> Document:
    family = for_family(minutes_issues.gathered(issue=issue)["content"])
    return Document.of(
        issue,
        CopyKind.MINUTES,
        called="for-the-family",
        title="Notes of a meeting",
        case_ids=[issue.case_id],
        blocks=[],
        template="family",
        more={
            "whose": f"{family['name']}: our meeting on {day(family['met_on'])}",
            "until": "If you are in danger now, call 999.",
            "foot": f"{issue.reference}, version {issue.number}",
            "columns": 1,
            "parts": [{"label": title, "words": "\n\n".join(texts)} for title, texts in family["parts"]],
        },
    )


def _when(met: Mapping[str, Any]) -> str:
    starts, ends = (datetime.fromisoformat(met[name]) for name in ("starts_at", "ends_at"))
    return f"{moment(starts)} to {clock_time(ends)}"


def _child(child: Mapping[str, Any]) -> str:
    dob = date.fromisoformat(child["dob"]) if child["dob"] else None
    known = born(dob, is_estimate=child["dob_is_estimate"])
    name = f"{child['given_name']} {child['family_name']}".strip()
    return f"{name}, born {known}" if known else name


def _facts(issue: Any, met: Mapping[str, Any], child: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [
        {"key": "Where", "value": met["place"]},
        {"key": "Chair", "value": _named(met["chair"], met["chair_agency"])},
        {"key": "Note-taker", "value": _named(met["note_taker"], met["note_taker_agency"])},
        {"key": "NHS number", "value": nhs_number(child["nhs_number"]) if child else None},
        {"key": "Held although somebody was missing", "value": met["quorum_reason"]},
        {"key": "Version", "value": f"{MinutesKind(issue.kind).label}, approved {moment(issue.made_at)}"},
    ]


def _named(name: str, agency: str) -> str:
    return ", ".join(filter(None, (name, agency)))


def _attendance(rows: Sequence[Mapping[str, str]]) -> list[Block]:
    cells = [
        (one["who"], one["agency"], one["role"], "\n".join(filter(None, (one["took_part"], one["note"]))))
        for one in rows
    ]
    listed = blocks.table(("Who", "Agency", "Role", "Took part"), cells, (2, 2, 2, 2))
    return [blocks.heading("Who took part"), *listed] if listed else []


def _reviewed(rows: Sequence[Mapping[str, str]]) -> list[Block]:
    cells = [
        (one["what"], one["who"], "\n".join(filter(None, (one["outcome"], one["effect"], one["words"]))))
        for one in rows
    ]
    listed = blocks.table(("Action", "Who, by", "What came of it"), cells, (3, 2, 3))
    return [blocks.heading("Actions of last time"), *listed] if listed else []


def _item(item: Mapping[str, Any], cited: Sequence[Cited]) -> list[Block]:
    text = item["text"] or "Nothing was noted."
    return [blocks.heading(item["heading"]), *blocks.words(text), *cited_blocks(cited)]


def _cited(items: Sequence[Mapping[str, Any]], case: Any | None) -> dict[str, list[Cited]]:
    """What the minutes under each heading cite, for whoever reads the case."""
    ids = [UUID(one["minute_id"]) for one in items if one["minute_id"]]
    if case is None or not ids:
        return {}
    found = cited_in(kind=CitationHolder.MINUTE, ids=ids, case=case)
    return {str(holder): listed for (holder, _), listed in found.items()}


def _decisions(decisions: Sequence[Mapping[str, Any]]) -> list[Block]:
    made: list[Block] = [blocks.heading("Decisions")] if decisions else []
    for one in decisions:
        parts = [
            f"{part['agency']}: {part['stance']}"
            + "".join(f". {words}" for words in (part["words"], part["escalation"]) if words)
            for part in one["parts"]
        ]
        made.append(blocks.heading(f"Decision {one['reference']}", 2))
        made += blocks.words(one["text"])
        made += blocks.facts(
            [
                {"key": "Why", "value": one["reason"]},
                {"key": "How the case goes on", "value": one["outcome"]},
                {"key": "Each agency’s part", "value": parts},
            ]
        )
    return made


def _settled(since: Any) -> str:
    """By whom, when and how a level was settled, as far as the reader may know."""
    if since.by_whom is None:
        return f", {moment(since.at)}. Whoever reads the case knows how"
    became = "it holds from then on" if since.accepted else "it does not hold because of this meeting"
    return f" by {since.by_whom}, {moment(since.at)}: {became}"


def _level(level: Mapping[str, Any] | None, since: Any) -> list[Block]:
    if level is None:
        return []
    before = f" (before: {level['before']})" if level["before"] else ""
    settled = {True: "", False: "Not agreed to by a second person", None: "Waits for a second person"}[
        level["accepted"]
    ]
    if level.get("taken_back"):  # which minutes that went out before do not say
        settled = "Taken back by whoever ran the meeting"
    if level.get("overtaken"):
        settled = "Not asked any more"
    if since is not None:
        settled = f"Waited when this was written. Settled{_settled(since)}"
    return [
        blocks.heading("Level"),
        *blocks.facts(
            [
                {"key": "The meeting came to", "value": f"{level['level']}{before}"},
                {"key": "Why", "value": level["reason"]},
                {"key": "Second person", "value": settled},
                {"key": "What they said", "value": level["settle_reason"]},
            ]
        ),
    ]


def _plan_ended(plan: Mapping[str, Any] | None) -> list[Block]:
    if plan is None:
        return []
    ended = (
        f"{plan['reference']} ended with this meeting, {moment(datetime.fromisoformat(plan['ended_at']))}."
    )
    return [blocks.heading("Safety plan"), *blocks.words(ended)]


def _actions(actions: Sequence[Mapping[str, Any]]) -> list[Block]:
    rows = [
        (
            one["what"],
            f"{one['owner']}, {one['agency']}",
            day(date.fromisoformat(one["due_on"])),
            one["measure"],
            one["category"],
        )
        for one in actions
    ]
    listed = blocks.table(("What", "Who", "By", "How we will know", "Part of"), rows, (3, 2, 2, 3, 2))
    return [blocks.heading("Actions"), *listed] if listed else []


def _next(next_on: str | None) -> list[Block]:
    if not next_on:
        return []
    return [blocks.heading("Next meeting"), *blocks.words(day(date.fromisoformat(next_on)))]


def _corrections(rows: Sequence[Any]) -> list[Block]:
    """What was asked to be put right, as far as the reader sees it, stands beside the minutes."""
    made: list[Block] = [blocks.heading("Corrections and notes beside the minutes")] if rows else []
    for one in rows:
        answer = f"\n\nAnswer: {one.answer}" if one.answer else ""
        if one.unmade_reason:
            wrote = f" and wrote then: “{one.answer}”" if one.answer else ""
            answer = (
                f"\n\nWhy it is not in the minutes: {one.unmade_reason}"
                f"\n\n{one.settled_by} took it on {moment(one.settled_at)}{wrote}."
                " The minutes were approved later, without it."
            )
        by = f"{one.asked_by}, {one.agency}, {moment(one.asked_at)}"
        became = correction_words(one, approved=True)
        made.append(
            blocks.said(one.heading or "The minutes", answer=became, words=f"{one.text}{answer}", by=by)
        )
    return made
