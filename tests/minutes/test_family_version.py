"""The version for the family: nothing that nobody chose, confirmed by the chair, barred by an alert."""

import json
from collections.abc import Iterable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child
from portal.records.entries import citations
from portal.records.entries.vocabulary import FamilySafe
from portal.records.meetings.external_copies import hand_out
from portal.records.meetings.model import Invitation, MeetingCase, MeetingHandout
from portal.records.minutes import family_version as family
from portal.records.minutes import issues as minutes
from portal.records.minutes.model import FamilyPassage, Minute, MinutesIssue
from portal.records.minutes.reading.issues import Place, offered
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import Agency, User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant, make_case, make_child
from tests.factories.concerns import link, make_concern, release
from tests.factories.meetings import make_invitation
from tests.factories.minutes import make_minute
from tests.meetings.days import acted
from tests.meetings.recorded import (
    BECAUSE,
    CLOSED,
    DECIDED,
    OBJECTION,
    SAID,
    TO_DO,
    Recorded,
    make_recorded,
)

AUNT = "She wants to see her aunt."


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def choose(acting: Acting, person: User, held: Recorded, *texts: str) -> None:
    """Choose the passages in which these words stand."""
    with acting(person) as actor:
        meeting = acted(held.meeting)
        found = offered(meeting=meeting, case_id=held.case.id)
        places = [one.place for one in found for text in texts if text in one.text]
        assert len(places) == len(texts)
        family.choose(actor=actor, meeting=meeting, case_id=held.case.id, places=places)


def standing(rows: Session) -> list[FamilyPassage]:
    rows.rollback()
    return list(rows.scalars(select(FamilyPassage).where(FamilyPassage.removed_at.is_(None))))


def confirm(acting: Acting, person: User, held: Recorded, passages: Iterable[FamilyPassage]) -> None:
    with acting(person) as actor:
        family.confirm(
            actor=actor,
            meeting=acted(held.meeting),
            case_id=held.case.id,
            passage_ids=[one.id for one in passages],
        )


def make(acting: Acting, person: User, held: Recorded) -> None:
    with acting(person) as actor:
        family.make(actor=actor, meeting=acted(held.meeting), case=db.session.get_one(Case, held.case.id))


def approve(acting: Acting, cast: Cast, held: Recorded) -> None:
    with acting(cast.chair) as actor:
        minutes.approve(actor=actor, meeting=acted(held.meeting))


def versions(rows: Session) -> list[MinutesIssue]:
    rows.rollback()
    found = select(MinutesIssue).where(MinutesIssue.kind == MinutesKind.FAMILY_SAFE)
    return list(rows.scalars(found.order_by(MinutesIssue.number)))


def test_it_holds_the_passages_that_were_chosen_and_confirmed_and_nothing_else(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.coordinator, held, AUNT, TO_DO)
    confirm(acting, cast.chair, held, standing(rows))
    approve(acting, cast, held)
    make(acting, cast.chair, held)
    (version,) = versions(rows)
    assert version.content["parts"] == {
        "minute": [AUNT],
        "decision": [],
        "action": [f"Ring the school {TO_DO}"],
    }
    text = json.dumps(version.content)
    private = [SAID, DECIDED, BECAUSE, CLOSED, OBJECTION, cast.chair.name, cast.nurse.name, "Quillcarrow"]
    assert not [word for word in private if word in text]


def test_a_closed_part_is_never_offered(acting: Acting, cast: Cast, held: Recorded) -> None:
    for person in (cast.chair, cast.coordinator):
        with acting(person):
            found = offered(meeting=acted(held.meeting), case_id=held.case.id)
            assert found
            assert not [one for one in found if CLOSED in one.text]


def test_nothing_is_chosen_by_itself_and_without_a_choice_there_is_no_version(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast, held)
    assert not standing(rows)
    with pytest.raises(DomainError, match="Nothing is chosen"):
        make(acting, cast.chair, held)


def test_the_chair_confirms_each_and_nobody_else_confirms_or_makes(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.coordinator, held, AUNT, DECIDED)
    approve(acting, cast, held)
    with pytest.raises(Forbidden):
        confirm(acting, cast.coordinator, held, standing(rows))
    confirm(acting, cast.chair, held, [one for one in standing(rows) if one.text == AUNT])
    with pytest.raises(DomainError, match="Confirm each"):
        make(acting, cast.chair, held)
    confirm(acting, cast.chair, held, standing(rows))
    with pytest.raises(Forbidden):
        make(acting, cast.coordinator, held)
    make(acting, cast.chair, held)
    make(acting, cast.chair, held)
    assert len(versions(rows)) == 1, "the same passages are the same version"


def test_it_is_not_made_of_minutes_that_are_not_approved(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.chair, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    with pytest.raises(DomainError, match="not approved yet"):
        make(acting, cast.chair, held)


def test_what_was_changed_after_it_was_chosen_lapses_and_is_chosen_anew(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.chair, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    rows.get_one(Minute, held.minute.id).text = f"{SAID}\n\nShe wants to see her uncle."
    rows.commit()
    with pytest.raises(DomainError, match="changed since"):
        confirm(acting, cast.chair, held, standing(rows))
    approve(acting, cast, held)
    with pytest.raises(DomainError, match="Nothing is chosen"):
        make(acting, cast.chair, held)
    choose(acting, cast.chair, held, "her uncle")
    (again,) = standing(rows)
    assert (again.text, again.confirmed_at) == ("She wants to see her uncle.", None)


def test_what_is_taken_out_is_out(rows: Session, acting: Acting, cast: Cast, held: Recorded) -> None:
    choose(acting, cast.chair, held, AUNT, DECIDED)
    choose(acting, cast.chair, held, DECIDED)
    assert [DECIDED in one.text for one in standing(rows)] == [True]


def test_whoever_does_not_run_the_meeting_chooses_nothing(acting: Acting, cast: Cast, held: Recorded) -> None:
    with pytest.raises(Forbidden):
        choose(acting, cast.officer, held, AUNT)


def test_a_passage_that_is_not_there_cannot_be_chosen(acting: Acting, cast: Cast, held: Recorded) -> None:
    for place in (Place("minute", held.minute.id, 9), Place("closed_minute", held.minute.id, 0)):
        with acting(cast.chair) as actor, pytest.raises(DomainError, match="changed"):
            family.choose(actor=actor, meeting=acted(held.meeting), case_id=held.case.id, places=[place])


@pytest.mark.parametrize(
    ("says", "refused", "advised"),
    [(FamilySafe.YES, False, False), (FamilySafe.NO, True, False), (FamilySafe.ASK, False, True)],
)
def test_what_cites_an_entry_follows_what_its_agency_says_of_the_family(
    rows: Session,
    acting: Acting,
    cast: Cast,
    held: Recorded,
    says: FamilySafe,
    refused: bool,
    advised: bool,
) -> None:
    entry = add_entry(rows, held.case, cast.officer)
    entry.family_safe = says
    rows.commit()
    with acting(cast.chair) as actor:
        case = db.session.get_one(Case, held.case.id)
        minute = db.session.get_one(Minute, held.minute.id)
        holder = citations.minute_of(minute=minute, case=case, recorded=True)
        citations.cite(actor=actor, holder=holder, entry=db.session.get_one(type(entry), entry.id))
        found = [
            one
            for one in offered(meeting=acted(held.meeting), case_id=held.case.id)
            if one.place.source_id == held.minute.id
        ]
    assert [(bool(one.refused), bool(one.advice)) for one in found] == [(refused, advised)] * 2
    if refused:
        with pytest.raises(DomainError, match="does not share"):
            choose(acting, cast.chair, held, AUNT)


def test_an_alert_against_contact_bars_it_at_every_step_also_when_it_comes_later(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.chair, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    approve(acting, cast, held)
    make(acting, cast.chair, held)
    choose(acting, cast.chair, held, AUNT, DECIDED)
    alert = add_alert(rows, held.case, cast.social_worker)
    with pytest.raises(DomainError, match="nothing is handed"):
        confirm(acting, cast.chair, held, standing(rows))
    with pytest.raises(DomainError, match="nothing is handed"):
        make(acting, cast.chair, held)
    advocate = make_invitation(rows, held.meeting, outside="Ada Quilladvent", role="advocate", by=cast.chair)
    for to in (held.day.carer, advocate):
        with pytest.raises(DomainError, match="nothing is handed"):
            hand(acting, cast, held, to, versions(rows)[0])
    rows.get_one(Alert, alert.id).ended_at = clock.now()
    rows.commit()
    hand(acting, cast, held, held.day.carer, versions(rows)[0])


def hand(acting: Acting, cast: Cast, held: Recorded, to: Invitation, issue: MinutesIssue) -> None:
    with acting(cast.chair) as actor:
        hand_out(
            actor=actor,
            meeting=acted(held.meeting),
            invitation=db.session.get_one(Invitation, to.id),
            case_ids=[],
            what="",
            way="in_person",
            on=clock.today(),
            issue=db.session.get_one(MinutesIssue, issue.id),
        )


def test_the_family_is_handed_its_own_version_and_an_advocate_either_on_record(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.chair, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    with acting(cast.chair) as actor:
        minutes.circulate(actor=actor, meeting=acted(held.meeting))
    approve(acting, cast, held)
    make(acting, cast.chair, held)
    advocate = make_invitation(rows, held.meeting, outside="Ada Quilladvent", role="advocate", by=cast.chair)
    by_kind = {one.kind: one for one in rows.query(MinutesIssue)}
    with pytest.raises(DomainError, match="version for the family"):
        hand(acting, cast, held, held.day.carer, by_kind["professional"])
    with pytest.raises(NotFound):
        hand(acting, cast, held, advocate, by_kind["draft"])
    hand(acting, cast, held, held.day.carer, by_kind["family_safe"])
    hand(acting, cast, held, advocate, by_kind["professional"])
    rows.rollback()
    handed = {(one.invitation_id, one.issue_id, one.case_id) for one in rows.query(MeetingHandout)}
    assert handed == {
        (held.day.carer.id, by_kind["family_safe"].id, held.case.id),
        (advocate.id, by_kind["professional"].id, held.case.id),
    }


def test_of_a_meeting_on_two_children_what_is_on_neither_alone_or_names_the_other_is_not_offered(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    make_minute(rows, held.meeting, "Everybody spoke.", heading="Why we meet")
    other = make_case(
        rows, make_child(rows, "Beatrix", "Quillsister"), lead=cast.social_care, opened_by=cast.coordinator
    )
    for person in (cast.chair, cast.coordinator):
        grant(rows, other, person, by=cast.coordinator)
    with acting(cast.chair):
        alone = [one.text for one in offered(meeting=acted(held.meeting), case_id=held.case.id)]
    assert "Everybody spoke." in alone
    rows.add(MeetingCase(meeting_id=held.meeting.id, case_id=other.id, child_id=other.child_id))
    make_minute(rows, held.meeting, "She and Beatrix were together.", case=held.case)
    make_minute(rows, held.meeting, "Beatrix sings.", case=other)
    with acting(cast.chair):
        found = offered(meeting=acted(held.meeting), case_id=held.case.id)
    assert "Everybody spoke." not in [one.text for one in found]
    assert "Beatrix sings." not in [one.text for one in found]
    (naming,) = [one for one in found if "Beatrix" in one.text]
    assert naming.refused == "It names another child of this meeting"


def test_a_passage_that_names_a_person_of_concern_is_not_for_the_family(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    child = rows.get_one(Child, held.case.child_id)
    person = make_concern(
        rows, cast.officer, kind="person", name="Zed Grubb", details={"aliases": "Uncle Em"}
    )
    nameless = make_concern(rows, cast.officer, kind="person", name="A person whose name is not known")
    release(rows, person, rows.get_one(Agency, cast.chair.agency_id), cast.officer)
    for one in (person, nameless):
        link(rows, one, child, cast.officer)
    for text in ("Grubb rang again.", "Her uncle drives her.", "She was with uncle EM.", "Not known yet."):
        make_minute(rows, held.meeting, text, case=held.case, heading=text)
    with acting(cast.chair):
        found = {one.text: one.refused for one in offered(meeting=acted(held.meeting), case_id=held.case.id)}
    refused = {text for text, why in found.items() if why == "It names a person of concern"}
    assert refused == {"Grubb rang again.", "She was with uncle EM."}
