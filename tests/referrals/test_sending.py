"""Sending a form: what arrives, how soon it is looked at, and that it arrives once and stands."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.records.children.model import NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.people.model import TeamMember, User
from portal.records.referrals.model import (
    Referral,
    ReferralColour,
    ReferralNotice,
    ReferralSeal,
    ReferralSource,
    ReferralSubject,
)
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import ReferralState, Sensitivity, TriageColour
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.referrals.steps import FULL, LEAST, WHAT, autosave, begin, fill, send, share, truth, value_of

ClientFor = Callable[[User | None], Client]


def test_the_least_form_reaches_the_hub_with_its_clock_running(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    reference = share(client_for(cast.officer))
    sent = truth(rows, reference)
    assert sent.state == ReferralState.SENT
    assert sent.what_happened == WHAT
    assert (sent.channel, sent.kind) == (Channel.PORTAL, "child")
    assert sent.sent_at is not None
    assert sent.sent_at == sent.received_at
    assert sent.colour == "green"
    deadline = rows.scalars(select(Deadline).filter_by(referral_id=sent.id)).one()
    assert (deadline.kind, deadline.owner_team_id) == (DeadlineKind.TRIAGE, cast.hub_team.id)
    assert deadline.due_at == sent.triage_due_at
    assert deadline.source == "clocks.triage_green"


def test_everything_that_was_said_arrives_in_its_place(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    reference = share(client_for(cast.officer), FULL)
    sent = truth(rows, reference)
    assert sent.types == ["cse", "online"]
    assert sent.district == "erewash"
    assert sent.event_from == date(2026, 2, 1)
    assert sent.answers["childs_words"] == "He said he would come back"
    subjects = rows.scalars(select(ReferralSubject).order_by(ReferralSubject.position)).all()
    assert [(one.kind, one.label) for one in subjects] == [
        ("child", "Ada Fictional"),
        ("child", "A child whose name is not known"),
        ("person", "Big T"),
        ("place", "The car wash"),
        ("vehicle", "AB12"),
        ("phone", "07700 900123"),
        ("account", "@bigt on Chatter"),
    ]
    assert subjects[0].details["dob"] == "2012-05-04"
    assert subjects[1].details["not_known"] == ["name", "dob"]


def test_the_source_is_kept_in_its_own_table_and_nowhere_else(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, FULL)
    for moment in ("draft", "sent"):
        found = truth(rows, reference)
        assert "Petra" not in str(found.answers), f"the source is among the answers of a {moment}"
        source = rows.get(ReferralSource, found.id)
        assert source is not None
        assert (source.text, source.at_risk_if_revealed) == ("Her aunt, Petra", True)
        if moment == "draft":
            send(client, reference)
    everything = [
        *rows.scalars(select(ReferralSubject.details)),
        *rows.scalars(select(AuditEvent.details)),
        *rows.scalars(select(AuditEvent.address)),
    ]
    assert "Petra" not in str(everything)


def test_the_first_colour_comes_by_policy_with_its_reasons(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    reference = share(client_for(cast.officer), FULL)
    sent = truth(rows, reference)
    colour = rows.scalars(select(ReferralColour)).one()
    assert (sent.colour, colour.colour, colour.by_policy) == ("red", "red", True)
    assert colour.reason == "A child is hurt, or a weapon is involved"


def test_a_red_form_runs_by_the_clock_and_a_green_one_by_working_days(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    red = truth(rows, share(client_for(cast.officer), urgency="immediate"))
    green = truth(rows, share(client_for(cast.officer)))
    assert red.received_at
    assert green.received_at
    assert red.triage_due_at == red.received_at + timedelta(hours=4)
    by_policy = current_policy().clock(DeadlineKind.TRIAGE, TriageColour.GREEN)
    assert green.triage_due_at == due(by_policy, green.received_at)


def test_sending_twice_sends_once(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    reference = share(client)
    before = truth(rows, reference).sent_at
    again = client.submit(f"/share/{reference}/send", {"version": "3"})
    assert again.status_code == 303
    assert again.headers["Location"].endswith(f"/sent/{reference}/acknowledgement")
    assert truth(rows, reference).sent_at == before
    assert len(rows.scalars(select(Deadline)).all()) == 1


def test_what_was_sent_is_frozen_for_its_author(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    reference = share(client)
    answer = client.submit(f"/share/{reference}/happened", {"what_happened": "Other", "version": "99"})
    assert answer.headers["Location"].endswith(f"/sent/{reference}")
    saved = autosave(client, reference, "happened", {"what_happened": "Other", "version": "99"})
    assert saved.status_code == 409
    assert "has been sent" in saved.text
    assert client.submit(f"/share/{reference}/discard").status_code == 404
    assert truth(rows, reference).what_happened == WHAT


@pytest.mark.parametrize("missing", ["about", "happened"])
def test_a_form_without_an_answer_that_has_to_be_given_is_not_sent(
    rows: Session, cast: Cast, client_for: ClientFor, missing: str
) -> None:
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, {step: typed for step, typed in LEAST.items() if step != missing})
    page = client.soup(f"/share/{reference}/check")
    assert page.select(f"#before-sending a[href$='/{missing}']")
    assert not page.find("button", string="Send to the hub")
    version = str(truth(rows, reference).version)
    assert client.submit(f"/share/{reference}/send", {"version": version}).status_code == 422
    assert truth(rows, reference).state == ReferralState.DRAFT


def test_a_change_in_another_tab_after_the_check_has_to_be_checked_first(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, LEAST)
    old = str(truth(rows, reference).version)
    fill(client, reference, {"happened": {"what_happened": "More came to light"}})
    answer = client.submit(f"/share/{reference}/send", {"version": old})
    assert answer.status_code == 409
    assert "More came to light" in answer.text
    assert truth(rows, reference).state == ReferralState.DRAFT


@pytest.mark.parametrize(
    ("named", "born", "is_estimate"),
    [
        ("coordinator", date(2012, 5, 4), False),
        (None, date(2012, 5, 4), False),
        ("coordinator", date(2014, 9, 1), True),
    ],
)
def test_a_form_on_a_sealed_child_is_handed_to_the_people_of_the_case(
    rows: Session, cast: Cast, client_for: ClientFor, named: str | None, born: date, is_estimate: bool
) -> None:
    """Also where the date on record is an estimate that is wrong by no more than three years."""
    child = make_child(rows, dob=born)
    child.dob_is_estimate = is_estimate
    rows.commit()
    keys = child_keys(Facts(names=("Ada Fictional",), born=child.dob), current_policy().names)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in keys)
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED
    )
    if named:
        grant(rows, case, getattr(cast, named), by=cast.coordinator)
    client = client_for(cast.officer)
    reference = share(client, FULL)
    sent = truth(rows, reference)
    assert rows.scalars(select(ReferralSeal.referral_id)).all() == [sent.id]
    notice = rows.get(ReferralNotice, sent.id)
    assert notice is not None
    assert notice.passed_on
    page = client.get(f"/sent/{reference}/acknowledgement")
    assert page.status_code == 200
    assert case.reference not in page.text
    assert client_for(cast.second_coordinator).get(f"/sent/{reference}").status_code == 404
    assert client_for(cast.coordinator).get(f"/sent/{reference}").status_code == (200 if named else 404)


def test_a_form_begun_from_a_case_knows_the_child_already(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.officer, by=cast.coordinator)
    client = client_for(cast.officer)
    page = client.soup(f"/share?case={case.reference}")
    assert case.reference in page.get_text()
    reference = begin(client, case=case.reference)
    fields = client.soup(f"/share/{reference}/children")
    assert value_of(fields, "children-0-given_name") == "Ada"
    assert value_of(fields, "children-0-dob-year") == "2012"
    fill(client, reference, {"happened": {"what_happened": WHAT}})
    assert send(client, reference).status_code == 303
    assert truth(rows, reference).from_case_id == case.id
    looked = rows.scalars(select(AuditEvent).filter_by(case_id=case.id)).all()
    assert {one.action for one in looked} >= {"draft:start"}


def test_a_case_that_one_cannot_see_fills_nothing_in(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    client = client_for(cast.stranger)
    assert case.reference not in client.soup(f"/share?case={case.reference}").get_text()
    reference = begin(client, case=case.reference)
    assert truth(rows, reference).from_case_id is None
    assert "Ada" not in client.get(f"/share/{reference}/children").text


def test_a_coordinator_enters_a_form_that_came_by_phone_and_the_clock_starts_at_the_call(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    yesterday = clock.today() - timedelta(days=1)
    client = client_for(cast.coordinator)
    started = client.submit("/share/for-sender")
    reference = started.headers["Location"].split("/")[2]
    sender = {
        "channel": "phone",
        "sender_name": "R. Teacher",
        "sender_agency_id": str(cast.school.id),
        "sender_contact": "01632 960999",
        "received_time": "08:15",
        **posted("received_on", yesterday),
    }
    fill(client, reference, {"sender": sender, "urgency": {"urgency": "soon"}, **LEAST})
    check = client.soup(f"/share/{reference}/check").get_text(" ", strip=True)
    assert f"the case names as its sender R. Teacher, {cast.school.name} , for whoever" in check
    assert send(client, reference).status_code == 303
    sent = truth(rows, reference)
    assert (sent.channel, sent.sender_name, sent.sender_agency_id) == ("phone", "R. Teacher", cast.school.id)
    assert sent.received_at == at_local(yesterday, time(8, 15))
    assert sent.triage_due_at == sent.received_at + timedelta(hours=4)


def test_a_form_cannot_have_arrived_in_the_future(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.coordinator)
    reference = client.submit("/share/for-sender").headers["Location"].split("/")[2]
    tomorrow = posted("received_on", clock.today() + timedelta(days=1))
    typed = {"channel": "phone", "version": "9", "received_time": "11:00", **tomorrow}
    answer = client.submit(f"/share/{reference}/sender", typed)
    assert answer.status_code == 422
    assert "Day that it arrived must be" in answer.text


def test_only_the_hub_enters_forms_for_others(cast: Cast, client_for: ClientFor) -> None:
    for person in (cast.officer, cast.police_manager, cast.governance):
        assert client_for(person).get("/share/for-sender").status_code == 403


def test_before_it_is_sent_the_sender_reads_whom_a_case_will_name(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    for pages, of_colleague in ((LEAST, False), (LEAST | {"sharing": {"concerns_colleague": "y"}}, True)):
        reference = begin(client)
        fill(client, reference, pages)
        check = client.soup(f"/share/{reference}/check").get_text(" ", strip=True)
        assert send(client, reference).status_code == 303
        assert bool(truth(rows, reference).concerns_colleague) is of_colleague
        if not of_colleague:  # as `tests/triage/test_voice.py` has it of the case
            named = f"{cast.officer.name}, {cast.police.name}"
            assert f"the case names as its sender {named} , for whoever reads that entry" in check
        else:
            assert "a case to which the hub adds what it says names no sender" in check
            assert "the case names as its sender" not in check


def test_a_form_that_concerns_a_colleague_is_not_shown_to_the_manager(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    reference = share(client_for(cast.officer), LEAST | {"sharing": {"concerns_colleague": "y"}})
    assert truth(rows, reference).concerns_colleague
    assert client_for(cast.police_manager).get(f"/sent/{reference}").status_code == 404
    assert reference not in client_for(cast.police_manager).get("/sent?of=team").text


def test_a_person_of_two_teams_says_which_one_it_is_for(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    rows.add(TeamMember(team_id=cast.police_other_team.id, user_id=cast.officer.id))
    rows.commit()
    client = client_for(cast.officer)
    assert len(client.soup("/share").select("#team option")) == 2
    reference = begin(client, team=str(cast.police_other_team.id))
    assert truth(rows, reference).author_team_id == cast.police_other_team.id
    refused = client.submit("/share", {"urgency": "later", "team": str(cast.council_team.id)})
    assert refused.status_code == 422
    assert len(rows.scalars(select(Referral)).all()) == 1


def test_everything_on_the_way_is_on_record(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    reference = share(client)
    client.get(f"/sent/{reference}/acknowledgement")
    client.get(f"/sent/{reference}")
    client.get(f"/sent/{reference}/print")
    done = set(rows.scalars(select(AuditEvent.action).filter_by(actor_id=cast.officer.id)))
    assert done >= {
        *("draft:start", "draft:view", "draft:save", "referral:send"),
        *("referral:acknowledge", "referral:view", "referral:print"),
    }
