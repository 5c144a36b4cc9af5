"""A completed return interview goes over with its episode: so does what came of it on the cases."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import CaseNews
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import move_episode
from portal.records.people.model import User
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.model import ReturnInterview
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.interviews import make_interview
from tests.missing.conftest import Acting
from tests.missing.test_moving import ended
from tests.missing.test_pages import ClientFor
from tests.told import of_event

WHY = "A man at the depot gives lifts"


@pytest.fixture
def right(rows: Session, cast: Cast) -> Case:
    """The case of the child whose the episode is: community safety leads, the school works on it."""
    child, lead = make_child(rows, "Sorrelby", "Thackeroy"), cast.community_safety
    case = make_case(rows, child, lead=cast.council, opened_by=cast.coordinator, lead_professional_id=lead.id)
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=lead)
    return case


def moves(acting: Acting, by: User, episode: MissingEpisode, to: Case) -> None:
    """A coordinator puts an episode on the child of a case."""
    with acting(by) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        reference = db.session.get_one(Child, to.child_id).reference
        move_episode(actor=actor, episode=held, reference=reference, words="Mixed up", version=held.version)


def on_case(rows: Session, case: Case) -> tuple[list[ChronologyEntry], list[Deadline]]:
    """The entries of a case that stand, and what is owed on any of it."""
    rows.rollback()
    rows.expire_all()
    every = rows.scalars(
        select(ChronologyEntry).filter_by(case_id=case.id).order_by(ChronologyEntry.text)
    ).all()
    corrected = {one.corrects_id for one in every}
    owed = rows.scalars(
        select(Deadline).where(Deadline.subject_id.in_([one.id for one in every]), Deadline.state == "open")
    ).all()
    return [one for one in every if one.id not in corrected], list(owed)


@pytest.mark.parametrize("handling", ["network", "own"])
def test_the_assessment_is_looked_at_for_the_right_child_and_the_other_case_says_that_it_was_not_theirs(
    rows: Session,
    cast: Cast,
    case: Case,
    right: Case,
    acting: Acting,
    asking: Asking,
    client_for: ClientFor,
    handling: str,
) -> None:
    episode = ended(rows, rows.get_one(Child, case.child_id), cast.officer, 1)
    interview = make_interview(
        rows,
        [episode],
        cast.social_worker,
        team_id=cast.social_care_team.id,
        offered="no",
        handling=handling,
        declined_reason="Not there",
        carer_information="Nobody could be asked",
    )
    with acting(cast.social_worker) as actor:
        held = db.session.get_one(ReturnInterview, interview.id)
        complete_interview(
            actor=actor, interview=held, assessment_needed=True, assessment_words=WHY, version=held.version
        )
    assert len(on_case(rows, case)[1]) == 1
    moves(acting, cast.coordinator, episode, right)
    for where, to in ((right, True), (case, False)):
        entries, owed = on_case(rows, where)
        assert len(owed) == int(to)
        assert any(WHY in one.text for one in entries) is to
        assert bool([one for one in entries if one.critical_moment]) is to
    stays = on_case(rows, case)[0]
    assert {one.text for one in stays} == {
        f"What stood here came of return interview {interview.reference}, which is of another child."
    }
    (why,) = [one for one in on_case(rows, right)[0] if WHY in one.text]
    assert (why.agency_id, why.author_id, why.handling) == (
        cast.social_care.id,
        cast.social_worker.id,
        handling,
    )
    (duty,) = on_case(rows, right)[1]
    assert duty.owner_id == cast.community_safety.id
    news = rows.scalars(select(CaseNews.event).filter_by(case_id=right.id)).all()
    assert "moment_marked" in news, "whoever leads is told by the ladder of the duty"
    assert cast.social_worker.id in {
        who for who, _, _ in of_event(rows, "entry_corrected_now", last_word=None)
    }
    for person in (cast.nurse, cast.officer, cast.stranger):
        with asking(person) as session:
            read = session.scalars(select(ChronologyEntry.text)).all()
            assert not any(WHY in one for one in read), person.name
    page = client_for(cast.nurse).soup(f"/cases/{case.reference}").get_text()
    assert WHY not in page
    moves(acting, cast.coordinator, episode, case)
    assert not on_case(rows, right)[1]
    assert len(on_case(rows, case)[1]) == 1
    assert any(WHY in one.text for one in on_case(rows, case)[0])
