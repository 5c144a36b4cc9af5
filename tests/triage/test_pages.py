"""The pages of triage: the queue, a form, deciding, telling, finishing, in a browser without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent, SavedFilter
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.disclosures.model import Disclosure, DisclosureText
from portal.records.referrals.model import Feedback, Referral, ReferralChild, ReferralMessage
from portal.records.triage.model import TriageDecision
from portal.records.triage.reading.records import Place
from portal.vocabulary import ReferralState, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import SOURCE, answers

Browser = Callable[[Any], Client]


def rows_of(page: BeautifulSoup) -> list[str]:
    return [
        one.get_text(strip=True) for one in page.select("#triage-list tbody th[scope=row] .app-reference")
    ]


def fields_of(page: BeautifulSoup, address: str) -> dict[str, Any]:
    """What a browser would post from the form that goes to `address`, as it stands."""
    form = next(one for one in page.find_all("form") if str(one["action"]).split("?")[0] == address)
    found: dict[str, Any] = {}
    for box in form.find_all(["input", "textarea", "select"]):
        name, kind = str(box.get("name") or ""), box.get("type", "")
        skipped = kind in {"radio", "checkbox"} and not box.has_attr("checked")
        if not name or name == "csrf_token" or skipped:
            continue
        if kind == "checkbox":
            found.setdefault(name, []).append(box["value"])
        else:
            found[name] = _value(box)
    return found


def _value(box: Tag) -> str:
    if box.name == "select":
        chosen = box.find("option", selected=True)
        return str(chosen["value"]) if isinstance(chosen, Tag) else ""
    return box.get_text().removeprefix("\n") if box.name == "textarea" else str(box.get("value") or "")


def test_the_queue_goes_red_amber_green_and_in_each_what_runs_out_soonest(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    now = clock.now()
    made = {
        name: make_sent_referral(
            rows, cast.officer, colour=colour, due_at=now + timedelta(hours=hours)
        ).reference
        for name, colour, hours in (
            ("green soon", TriageColour.GREEN, 1),
            ("red later", TriageColour.RED, 9),
            ("red soon", TriageColour.RED, 2),
            ("amber", TriageColour.AMBER, 1),
            ("green overdue", TriageColour.GREEN, -1),
            ("red overdue", TriageColour.RED, -2),
        )
    }
    page = client_for(cast.coordinator).soup("/triage")
    order = ("red overdue", "red soon", "red later", "amber", "green overdue", "green soon")
    assert rows_of(page) == [made[name] for name in order]
    assert "1 h late" in page.get_text()
    assert [one.get_text(strip=True) for one in page.select(".app-queue__group")] == [
        "Red (3): 1 overdue, 3 that nobody has",
        "Amber (1): 1 that nobody has",
        "Green (2): 1 overdue, 2 that nobody has",
    ]
    assert "6 forms open, 2 overdue. Next to run out: amber, 59 minutes left" in page.get_text()


def test_the_queue_is_paged_and_shows_each_form_once(
    rows: Session, cast: Cast, client_for: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.records.triage.reading.records.PAGE", 2)
    monkeypatch.setattr(
        "portal.records.triage.reading.records.queue.__kwdefaults__", {"after": None, "limit": 2}
    )
    made = {make_sent_referral(rows, cast.officer).reference for _ in range(5)}
    client, seen, address = client_for(cast.coordinator), list[str](), "/triage"
    while address:
        page = client.soup(address)
        seen += rows_of(page)
        link = page.select_one('a[rel="next"]')
        address = str(link["href"]) if link else ""
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("address", ["/triage", "/triage?state=sent"])
def test_a_page_of_the_queue_goes_on_where_the_one_before_ended(
    rows: Session, cast: Cast, client_for: Browser, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """In each colour, late or in time, and where several are due at one moment."""
    monkeypatch.setattr("portal.records.triage.reading.records.PAGE", 2)
    monkeypatch.setattr(
        "portal.records.triage.reading.records.queue.__kwdefaults__", {"after": None, "limit": 2}
    )
    now = clock.now()
    made = [
        (colour.rank, hours, form.id, form.reference)
        for colour in TriageColour
        for hours in (-3, -1, -1, 1, 1, 4)
        for form in [
            make_sent_referral(rows, cast.officer, colour=colour, due_at=now + timedelta(hours=hours))
        ]
    ]
    client, seen = client_for(cast.coordinator), list[str]()
    while address:
        page = client.soup(address)
        seen += rows_of(page)
        link = page.select_one('a[rel="next"]')
        address = str(link["href"]) if link else ""
    assert seen == [reference for *_, reference in sorted(made)]


def test_an_address_that_names_no_place_in_the_queue_is_told_so(cast: Cast, client_for: Browser) -> None:
    place = Place(finished=0, rank=9, due=clock.now(), referral_id=new_id())
    assert client_for(cast.coordinator).get(f"/triage?after={place}").status_code == 400


def test_filters_are_codes_in_the_address_and_can_be_saved(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    here = make_sent_referral(rows, cast.officer, answers=answers(district="erewash", types=("cce",)))
    make_sent_referral(rows, cast.teacher, answers=answers(district="bolsover"))
    client = client_for(cast.coordinator)
    for query in ("district=erewash", "type=cce", "agency=police", "state=sent&district=erewash"):
        assert rows_of(client.soup(f"/triage?{query}")) == [here.reference]
    assert client.submit("/triage/filters?district=erewash", {"name": "East"}).status_code == 303
    assert rows.scalars(select(SavedFilter.query)).one() == {"district": ["erewash"]}
    link = client.soup("/triage").find("a", string="East")
    assert link is not None
    assert rows_of(client.soup(str(link["href"]))) == [here.reference]
    saved = rows.scalars(select(SavedFilter.id)).one()
    assert client_for(cast.second_coordinator).submit(f"/triage/filters/{saved}/remove").status_code == 303
    rows.expire_all()
    assert rows.scalars(select(SavedFilter.id)).all() == [saved], "nobody removes another's filter"
    client.submit(f"/triage/filters/{saved}/remove")
    rows.expire_all()
    assert not rows.scalars(select(SavedFilter.id)).all()


def test_a_form_is_shown_as_sent_with_its_source_and_who_the_child_may_be(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    known = _known_child(rows, cast)
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}")
    text = page.get_text(" ", strip=True)
    assert SOURCE in text
    assert "Example Park" in text
    assert known.reference in text
    assert "Same name" in text
    looks = rows.scalars(select(AuditEvent).filter_by(actor_id=cast.coordinator.id))
    assert {(one.action, one.child_id) for one in looks} >= {
        ("referral:view", None),
        ("child:recognise", known.id),
    }


def test_a_child_is_compared_and_recognised_and_that_can_be_taken_back(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    known = _known_child(rows, cast)
    client = client_for(cast.coordinator)
    page = client.soup(f"/triage/{form.reference}/children/1/{known.reference}")
    assert "Ada Fictional" in page.get_text()
    assert (
        client.submit(f"/triage/{form.reference}/children/1", {"child": known.reference}).status_code == 303
    )
    assert rows.scalars(select(ReferralChild.child_id)).one() == known.id
    assert "This is" in client.soup(f"/triage/{form.reference}").get_text()
    client.submit(f"/triage/{form.reference}/children/1", {"child": "forget"})
    rows.expire_all()
    assert not rows.scalars(select(ReferralChild)).all()


def test_claim_put_back_hand_over_and_colour(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    address = f"/triage/{form.reference}"
    client = client_for(cast.coordinator)
    assert client.submit(f"{address}/claim").status_code == 303
    assert client_for(cast.second_coordinator).submit(f"{address}/claim").status_code == 422
    assert client.submit(f"{address}/colour", {"seen": "green", "colour": "red"}).status_code == 422
    changed = {"seen": "green", "colour": "red", "reason": "She is 12"}
    assert client.submit(f"{address}/colour", changed).status_code == 303
    stale = {"seen": "green", "colour": "amber", "reason": "Too late"}
    assert client.submit(f"{address}/colour", stale).status_code == 409
    note = {"to": str(cast.second_coordinator.id), "note": "Rang the school"}
    assert client.submit(f"{address}/hand-over", note).status_code == 303
    page = client.soup(address).get_text(" ", strip=True)
    assert "Sefu Coordinator has this form" in page
    assert "Rang the school" in page
    assert "Colour changed: red" in page
    rows.expire_all()
    referral = rows.get_one(Referral, form.id)
    assert (referral.colour, referral.claimed_by) == ("red", cast.second_coordinator.id)
    assert referral.received_at
    assert referral.triage_due_at == referral.received_at + timedelta(hours=4)
    assert client_for(cast.second_coordinator).submit(f"{address}/release").status_code == 303
    rows.expire_all()
    assert rows.get_one(Referral, form.id).state == ReferralState.SENT


def test_who_else_has_it_open_is_shown_and_asking_is_no_activity(
    cast: Cast, form: Referral, client_for: Browser
) -> None:
    client_for(cast.second_coordinator).soup(f"/triage/{form.reference}")
    client = client_for(cast.coordinator)
    assert "Open at Sefu Coordinator" in client.soup("/triage").get_text()
    answer = client.submit(f"/triage/{form.reference}/presence", headers={"HX-Request": "true"})
    assert answer.text == "Also open at Sefu Coordinator"


def test_a_message_that_asks_waits_for_the_sender_once_and_the_clock_runs_on(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}"
    due = rows.get_one(Referral, form.id).triage_due_at
    given = fields_of(client.soup(address), f"{address}/messages")
    given |= {"text": "Which school?", "asks_reply": "y"}
    for _ in range(2):
        assert client.submit(f"{address}/messages", given).status_code == 303
    assert len(rows.scalars(select(ReferralMessage)).all()) == 1
    rows.expire_all()
    referral = rows.get_one(Referral, form.id)
    assert (referral.state, referral.triage_due_at) == (ReferralState.WAITING_FOR_SENDER, due)
    assert client.submit(f"{address}/messages", {"text": ""}).status_code == 422
    client.submit(f"{address}/go-on")
    rows.expire_all()
    assert rows.get_one(Referral, form.id).state == ReferralState.IN_TRIAGE


def test_opening_a_case_telling_and_feeding_back_goes_from_page_to_page(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}"
    given = fields_of(client.soup(f"{address}/decide"), f"{address}/decide")
    given |= {"outcomes": "open_case", "lead_team": str(cast.social_care_team.id), "reason": "Group"}
    answer = client.submit(f"{address}/decide", given)
    assert (answer.status_code, answer.location) == (303, f"{address}/tell?about=1")
    case = rows.scalars(select(Case)).one()
    given = fields_of(client.soup(f"{address}/tell"), f"{address}/tell")
    given |= {
        "teams": [str(cast.police_team.id), str(cast.health_team.id)],
        "decision": "share",
        "family_told": "no",
        "family_reason": "danger_child",
        "cases": case.reference,
        "reason": "They know the park",
    }
    for _ in range(2):
        assert client.submit(f"{address}/tell?about=1", given).status_code == 303
    told = rows.scalars(select(Disclosure).filter_by(referral_id=form.id)).all()
    assert {one.receiver_team_id for one in told} == {cast.police_team.id, cast.health_team.id}
    text = rows.scalars(select(DisclosureText.text).filter_by(disclosure_id=told[0].id)).one()
    assert text.startswith("Child: Ada Fictional, about 14 years old\n\nAda got into a car")
    assert client_for(cast.nurse).get(f"{address}").status_code == 403
    assert "Sender not told yet 1" in client.soup("/triage").get_text()
    given = fields_of(client.soup(f"{address}/feedback"), f"{address}/feedback")
    assert "work together" in given["text"]
    assert client.submit(f"{address}/feedback", given).status_code == 303
    assert len(rows.scalars(select(Feedback)).all()) == 1


def test_what_is_refused_keeps_what_was_typed_and_says_where(
    cast: Cast, form: Referral, client_for: Browser
) -> None:
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}/decide"
    given = fields_of(client.soup(address), address)
    given |= {"outcomes": "open_case", "reason": "A long reason that was typed"}
    answer = client.submit(address, given)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    link = page.select_one(".govuk-error-summary a")
    assert link is not None
    assert (link["href"], link.get_text()) == ("#lead_team", "Choose the team that leads")
    assert "A long reason that was typed" in answer.text


def test_the_second_coordinator_sees_both_decisions_on_the_page(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    address = f"/triage/{form.reference}/decide"
    first, second = client_for(cast.coordinator), client_for(cast.second_coordinator)
    given = fields_of(first.soup(address), address)
    late = fields_of(second.soup(address), address)
    assert (
        first.submit(address, {**given, "outcomes": "no_further_action", "reason": "Nothing"}).status_code
        == 303
    )
    answer = second.submit(address, {**late, "outcomes": "advice", "reason": "Needs advice"})
    assert answer.status_code == 409
    shown = BeautifulSoup(answer.text, "html.parser").select_one(".app-versions")
    assert shown is not None
    assert "Nothing" in shown.get_text()
    assert "Needs advice" in shown.get_text()
    assert "What it says now stays, also if you send it again." in answer.text
    assert "it takes the place of what it says now" not in answer.text
    again = fields_of(BeautifulSoup(answer.text, "html.parser"), address)
    sent = second.submit(address, {**again, "outcomes": "advice", "reason": "Needs advice"})
    assert sent.status_code in {409, 422}, "and so it is"
    assert len(rows.scalars(select(TriageDecision)).all()) == 2


def test_words_for_the_sender_typed_with_the_decision_stand_below_what_was_decided(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}/decide"
    given = fields_of(client.soup(address), address)
    given |= {"outcomes": "no_further_action", "reason": "Nothing", "tell_sender": "Keep her in sight."}
    assert client.submit(address, given).status_code == 303
    read = client_for(cast.officer).soup(f"/sent/{form.reference}").get_text(" ", strip=True)
    assert "Nothing more is needed from us now. We keep what you told us." in read
    assert read.index("We keep what you told us.") < read.index("Keep her in sight.")
    assert client_for(cast.stranger).get(f"/sent/{form.reference}").status_code == 404


def test_reopening_is_asked_for_by_decision_with_a_reason(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}"
    given = fields_of(client.soup(f"{address}/decide"), f"{address}/decide")
    client.submit(f"{address}/decide", {**given, "outcomes": "no_further_action", "reason": "Nothing"})
    chosen = str(rows.scalars(select(TriageDecision.id)).first())
    assert client.submit(f"{address}/reopen", {"decisions": chosen}).status_code == 422
    assert client.submit(f"{address}/reopen", {"decisions": chosen, "reason": "Wrong"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Referral, form.id).state == ReferralState.IN_TRIAGE
    assert "Reopened" in client.soup(address).get_text()


def test_unconfirmed_reds_stand_above_the_queue_with_the_number_to_ring(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = make_sent_referral(rows, cast.officer, answers=answers(), colour=TriageColour.RED)
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}"
    given = fields_of(client.soup(f"{address}/decide"), f"{address}/decide")
    given |= {"outcomes": "social_care_referral", "reason": "At risk", "authority": "derby"}
    assert client.submit(f"{address}/decide", given).status_code == 303
    given = fields_of(client.soup(f"{address}/tell"), f"{address}/tell")
    given |= {"teams": str(cast.police_team.id), "decision": "share", "family_told": "yes"}
    assert client.submit(f"{address}/tell?about=1", given).status_code == 303
    queue = client.soup("/triage").select_one(".app-ring")
    assert queue is not None
    text = queue.get_text(" ", strip=True)
    assert "Police: Duty team" in text
    assert cast.police_team.duty_phone in text
    assert "Derby City: children’s social care has not opened a referral" in text, "somebody rings at once"
    confirm = str(next(a["href"] for a in queue.find_all("a") if "Record" in a.get_text()))
    assert client.submit(confirm, {}).status_code == 422
    assert client.submit(confirm, {"reference": "SC-1"}).status_code == 303
    left = client.soup("/triage").select_one(".app-ring")
    assert left is not None
    lines = [one.get_text() for one in left.select(".app-ring__line")]
    assert lines
    assert not any("social care" in one for one in lines)


def _known_child(rows: Session, cast: Cast) -> Any:
    born = clock.today().replace(year=clock.today().year - 14, day=1)
    child = make_child(rows, dob=born)
    facts = Facts(names=("Ada Fictional",), born=born)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in child_keys(facts, current_policy().names))
    rows.commit()
    make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    return child
