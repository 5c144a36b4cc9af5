"""Who sees what, in sentences: written from the policies of reading, so that it never falls behind them.

    python -m tests.access.who_sees_what > docs/who-sees-what.md

A policy that is made of words (`portal/access/predicates.py`) and of other records is read out by itself.
Where it says more, comments right above it say who, one ground each: `-- who: its author, while of that
agency`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from portal.access.install import RECORDS, ROWS, rule_files
from portal.access.predicates import SENTENCES
from portal.model import Model
from portal.registry import NOUNS, load_models
from portal.vocabulary import Role
from tests.access.decision_records import READS
from tests.access.oracle.breaking import statements

#: What a column names, for people.
COLUMNS = {
    "id": "it",
    "case_id": "its case",
    "child_id": "its child",
    "child_a": "the first child",
    "child_b": "the second child",
    "concern_id": "its concern",
    "other_id": "the other concern",
    "episode_id": "its episode",
    "interview_id": "its interview",
    "actor_id": "the person who did it",
    "asked_agency_id": "the agency of whoever asked",
    "asked_by": "the person who asked",
    "author_id": "the person who wrote it",
    "deputy_id": "the deputy",
    "manager_id": "the manager who opened it",
    "referral_id": "the form",
    "taken_agency_id": "the agency of whoever took it",
    "taken_by": "the person who took it",
    "user_id": "the person whom it is about",
}
#: What a condition without a word says of whoever reads.
PHRASES = {
    "true": "asks, signed in or not",
    "(select ctx.user_id()) is not null": "is signed in",
    "session_id = (select ctx.session_id())": "asked for it, in the same sign-in",
    "ctx.runs_meeting(meeting_id)": "knows of the meeting as a whole",
}
HEAD = """# Who sees what

For each kind of record, the grounds on which a person reads it: one is enough. The database holds them, for
whoever asks by whatever way; what somebody may do with what they see is in `who-may-do-what.md`. What
stands in quotation marks names the rows of [decisions.csv](../tests/access/decisions.csv) in which each
role and relation is tried.

*Full reach* on a case, the *record* of a child, being *let in* to a concern and *hearing* of a missing
child are kept as rows, and `portal/access/rows/scope.sql` says when somebody has them. To *read as* a team
is to be of it, as an agency to be its manager, as a person to be that person.

Written by `python -m tests.access.who_sees_what`, and compared by a test. Beside each rule stands its
digest, so that no rule changes without this page.
"""

_POLICY = re.compile(
    r"((?:^--.*\n)*)^create policy (\w+) on (\w+)(?: as (restrictive))?(?: for (\w+))?(?: to (\w+))?\s+"
    r"using \(((?:[^;]|;(?!$))*?)\)(?:\s+with check \((?:[^;]|;(?!$))*\))?;$",
    re.MULTILINE,
)
#: A ground in a comment; its further lines are set in.
_SAID = re.compile(r"^-- who: (.+(?:\n--  .+)*)$", re.MULTILINE)
_WORD = re.compile(rf"({'|'.join(SENTENCES)})(?:\(([\w.]+)\))?$")
_RECORD = re.compile(r"exists \(select 1 from (\w+) (\w+) where \2\.id = [\w.]+(?: offset 0)?\)$")


@dataclass(frozen=True)
class Rule:
    """A policy of reading: whose it is, and on which grounds it lets somebody read."""

    where: str
    table: str
    policy: str
    narrows: bool
    grounds: tuple[str, ...]
    digest: str


def rules() -> list[Rule]:
    """Every policy by which people read, in the order in which the nouns stand.

    Raises:
        LookupError: a policy says more than its words and no comment says who, or its words say it already.
    """
    found = [rule for path in rule_files() for rule in read(path.read_text("utf-8"), _place(path))]
    return sorted(found, key=lambda rule: rule.where not in NOUNS)


def _place(path: Path) -> str:
    return path.stem if path.parent == ROWS else path.relative_to(RECORDS).parts[0]


def read(source: str, where: str) -> Iterator[Rule]:
    """The policies of one file of rules by which people read; errors as of `rules`."""
    for comment, policy, table, narrows, verb, role, written in _POLICY.findall(source):
        if verb in ("", "select") and role in ("", "portal_app"):
            said = tuple(" ".join(one.replace("\n--", " ").split()) for one in _SAID.findall(comment))
            condition = " ".join(re.sub(r"--.*", "", written).split()).replace("( ", "(")
            read_out = tuple(_grounds(condition))
            if bool(said) is (None not in read_out):
                fault = "say who in one place" if said else "say who, in a comment “-- who: …” right above it"
                raise LookupError(f"{where}: {policy} on {table}: {fault}")
            grounds = said or tuple(ground for ground in read_out if ground)
            yield Rule(where, table, policy, bool(narrows), grounds, _digest(condition))


def _digest(condition: str) -> str:
    """What tells a condition from a later one: its words, and the functions that it asks."""
    asked, waiting = {"": condition}, [condition]
    while waiting:
        for name in re.findall(r"\bctx\.(\w+)\(", waiting.pop()):
            if name not in asked:
                asked[name] = statements()[f"function ctx.{name}"]
                waiting.append(asked[name])
    return sha256(" ".join(" ".join(sorted(asked.values())).split()).encode()).hexdigest()[:8]


def _grounds(condition: str) -> Iterator[str | None]:
    """A sentence for each ground, or None for one that its words do not tell."""
    for ground in _split(condition, " or "):
        phrases = [_phrase(part) for part in _split(ground, " and ")]
        told = [phrase for phrase in phrases if phrase]
        whole = len(told) == len(phrases)
        yield f"whoever {', and '.join(told)}".replace("whoever is the ", "the ", 1) if whole else None


def _split(condition: str, by: str) -> list[str]:
    """The parts of a condition, without parentheses around the whole."""
    condition = _bare(condition)
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and condition.startswith(by, place):
            parts.append(condition[start:place])
            start = place + len(by)
    return [*parts, condition[start:]]


def _bare(condition: str) -> str:
    condition = condition.strip()
    depth = 0
    for place, sign in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and place < len(condition) - 1:
            return condition
    return _bare(condition[1:-1]) if condition.startswith("(") else condition


def _phrase(part: str) -> str | None:
    part = part.strip()
    if part in PHRASES or (part := _bare(part)) in PHRASES:
        return PHRASES[part]
    if found := _WORD.match(part):
        word, column = found[1], (found[2] or "").rpartition(".")[2]
        if word == "ROLE":
            return SENTENCES[word].format(Role(column).label)
        return SENTENCES[word].format(COLUMNS.get(column)) if column in {"", *COLUMNS} else None
    if found := _RECORD.match(part):
        return f"reads the {found[1].replace('_', ' ')}"
    return None


def markdown() -> str:
    """The page in Markdown."""
    return "\n".join(_lines(rules())) + "\n"


def _lines(found: list[Rule]) -> Iterator[str]:
    yield HEAD
    for where in dict.fromkeys(rule.where for rule in found):
        yield f"## {where.replace('_', ' ').capitalize()}\n"
        here = [rule for rule in found if rule.where == where]
        for table in dict.fromkeys(rule.table for rule in here):
            of_table = [rule for rule in here if rule.table == table]
            yield f"**`{table}`** {_about(table)}\n"
            for rule in of_table:
                for ground in rule.grounds:
                    yield f"- {'only: ' if rule.narrows else ''}{ground}"
            yield ""
            tried = [f"“{name}”" for name, record in READS.items() if record.model.__tablename__ == table]
            tried += ["“case:view”"] * (table in ("cre_case", "case_notice"))
            by_name = ", ".join(f"`{rule.policy}` {rule.digest}" for rule in of_table)
            yield f"{by_name}{'; tried: ' + ', '.join(tried) if tried else ''}\n"
    yield "## Who is no person\n"
    yield "What works beside the pages reads listed columns, which `grants.toml` has in `tests/`.\n"
    for role, tables in _beside().items():
        yield f"- `{role}`: {', '.join(f'`{table}`' for table in sorted(tables))}"


def _beside() -> dict[str, set[str]]:
    """What is read by roles that hold no session."""
    found: dict[str, set[str]] = {}
    for path in rule_files():
        for _, _, table, _, verb, role, _ in _POLICY.findall(path.read_text("utf-8")):
            if verb in ("", "select") and role not in ("", "portal_app"):
                found.setdefault(role, set()).add(table)
    return found


def _about(table: str) -> str:
    """The first sentences of its model, which say what a row is."""
    load_models()
    model = next(m.class_ for m in Model.registry.mappers if m.class_.__tablename__ == table)
    about = " ".join((model.__doc__ or "").partition("\n\n")[0].split())
    if not about:
        raise LookupError(f"say in the docstring of {model.__name__} what one is")
    return about


if __name__ == "__main__":
    print(markdown(), end="")
