"""What the database itself refuses to have written of missing episodes, whatever Python lets through."""

from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.missing.model import MissingEnquiry, MissingEpisode, MissingPrompt
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_writes import changed, refused
from tests.access.test_writes_files import written
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode, make_prompt


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case of the child who is missing."""
    return case_of_three(rows, cast)


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """Recorded by the school, which works on no case."""
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.teacher, team=cast.school_team)


@pytest.mark.parametrize("table", ["missing_episode", "missing_prompt", "missing_change", "missing_scope"])
def test_nothing_is_written_past_the_one_function_that_reports(
    cast: Cast, episode: MissingEpisode, asking: Asking, table: str
) -> None:
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"insert into {table} select * from {table}"))  # noqa: S608 - tables of ours


@pytest.mark.parametrize(
    "column",
    ["child_id", "reported_name", "reported_dob", "recorded_by", "recorded_agency_id", "reported_at"],
)
def test_who_was_reported_by_whom_and_when_stands(
    cast: Cast, episode: MissingEpisode, asking: Asking, column: str
) -> None:
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update missing_episode set {column} = {column}"))  # noqa: S608 - columns of ours


@pytest.mark.parametrize(
    ("who", "change", "why"),
    [
        ("social_worker", {"grade": "high"}, "police grade"),
        ("teacher", {"grade": "high"}, "police grade"),
        ("coordinator", {"grade": "high"}, "police grade"),
        ("nurse", {"prevention_by": "x"}, "record their prevention interview"),
        ("nurse", {"withdrawn_by": "self"}, "withdraws it"),
        ("officer", {"withdrawn_by": "another"}, "withdraws it"),
    ],
)
def test_what_is_the_police_s_or_the_recorder_s_to_say_nobody_else_says(
    cast: Cast, episode: MissingEpisode, asking: Asking, who: str, change: dict[str, Any], why: str
) -> None:
    person = getattr(cast, who)
    if "withdrawn_by" in change:
        by = person.id if change["withdrawn_by"] == "self" else cast.colleague.id
        change = {"withdrawn_by": by, "withdrawn_at": clock.now(), "withdrawn_reason": "x"}
    with asking(person) as session, pytest.raises(DBAPIError, match=why):
        session.execute(update(MissingEpisode).values(**change))


def enquiry(episode: MissingEpisode, by: User, **changes: Any) -> dict[str, Any]:
    """A row of the log of what was done to find the child."""
    said = {"id": new_id(), "episode_id": episode.id, "made_at": clock.now(), "made_by": "x", "words": "x"}
    own = {"recorded_by": by.id, "recorded_agency_id": by.agency_id, "recorded_at": clock.now()}
    return said | own | changes


def test_whoever_reads_an_episode_adds_an_enquiry_in_their_own_name_and_nobody_changes_one(
    rows: Session, cast: Cast, episode: MissingEpisode, asking: Asking
) -> None:
    for person in (cast.officer, cast.nurse, cast.teacher, cast.coordinator):
        with asking(person) as session:
            session.execute(insert(MissingEnquiry).inline(), enquiry(episode, person))
            session.commit()
    for person in (cast.stranger, cast.community_safety, cast.governance, cast.administrator):
        with asking(person) as session, pytest.raises(DBAPIError):
            session.execute(insert(MissingEnquiry).inline(), enquiry(episode, person))
    for other in ({"recorded_by": cast.nurse.id}, {"recorded_agency_id": cast.health.id}):
        with asking(cast.officer) as session, pytest.raises(DBAPIError):
            session.execute(insert(MissingEnquiry).inline(), enquiry(episode, cast.officer, **other))
    for statement in (update(MissingEnquiry).values(words="y"), delete(MissingEnquiry)):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(statement)
    for person, sees in ((cast.nurse, 4), (cast.stranger, 0), (cast.community_safety, 0)):
        with asking(person) as session:
            assert len(session.scalars(select(MissingEnquiry)).all()) == sees, person.name
    episode.withdrawn_by, episode.withdrawn_at = cast.officer.id, clock.now()
    rows.commit()
    with asking(cast.officer) as session, pytest.raises(DBAPIError):
        session.execute(insert(MissingEnquiry).inline(), enquiry(episode, cast.officer))


def test_a_former_member_adds_and_reads_no_enquiry(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, asking: Asking
) -> None:
    with asking(cast.nurse) as session:
        session.execute(insert(MissingEnquiry).inline(), enquiry(episode, cast.nurse))
        session.commit()
    for one in rows.scalars(select(Involvement).where(Involvement.agency_id == cast.health.id)):
        one.ended_at = clock.now()
    rows.commit()
    with asking(cast.nurse) as session:
        assert session.scalars(select(MissingEnquiry)).all() == []
        with pytest.raises(DBAPIError):
            session.execute(insert(MissingEnquiry).inline(), enquiry(episode, cast.nurse))


def test_a_picture_hangs_on_an_episode_that_one_reads(
    rows: Session, cast: Cast, episode: MissingEpisode, asking: Asking
) -> None:
    on = {"holder": "episode", "episode_id": episode.id, "case_id": None}
    for person in (cast.stranger, cast.community_safety, cast.administrator):
        refused(asking, person, Attachment(**written(person, **on)))
    refused(asking, cast.officer, Attachment(**written(cast.nurse, **on)))
    with asking(cast.officer) as session:
        session.execute(insert(Attachment).inline(), written(cast.officer, **on))
        session.commit()
    for person, sees in ((cast.nurse, 1), (cast.teacher, 1), (cast.stranger, 0), (cast.community_safety, 0)):
        with asking(person) as session:
            assert len(session.scalars(select(Attachment)).all()) == sees, person.name
    episode.withdrawn_by, episode.withdrawn_at = cast.officer.id, clock.now()
    rows.commit()
    refused(asking, cast.officer, Attachment(**written(cast.officer, **on)))


def test_what_was_withdrawn_stands(
    rows: Session, cast: Cast, episode: MissingEpisode, asking: Asking
) -> None:
    episode.withdrawn_by, episode.withdrawn_at = cast.officer.id, clock.now()
    rows.commit()
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="stands as it is"):
        session.execute(update(MissingEpisode).values(wearing="x"))


@pytest.mark.parametrize("who", ["stranger", "community_safety", "governance", "administrator"])
def test_whoever_does_not_see_an_episode_changes_nothing_of_it(
    cast: Cast, episode: MissingEpisode, asking: Asking, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert changed(session, update(MissingEpisode).values(wearing="x")) == 0


def test_a_decision_is_given_once_and_in_ones_own_name(
    rows: Session, cast: Cast, episode: MissingEpisode, asking: Asking
) -> None:
    make_prompt(rows, [episode])
    answer = {"answer": "meeting", "words": "x", "answered_at": clock.now()}
    own = {"answered_by": cast.social_worker.id, "answered_agency_id": cast.social_care.id}
    with asking(cast.social_worker) as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(update(MissingPrompt).values(**answer | own | {"answered_by": cast.officer.id}))
        assert changed(session, update(MissingPrompt).values(**answer | own)) == 1
        assert changed(session, update(MissingPrompt).values(**answer | own | {"words": "y"})) == 0
    with asking(cast.stranger) as session:
        assert changed(session, update(MissingPrompt).values(**answer | own)) == 0


@pytest.mark.parametrize("who", ["governance", "administrator", "nobody"])
def test_whoever_works_on_no_cases_reports_and_learns_nothing_by_the_functions(
    cast: Cast, episode: MissingEpisode, asking: Asking, who: str
) -> None:
    person = None if who == "nobody" else getattr(cast, who)
    with asking(person) as session, pytest.raises(DBAPIError, match="does not report"):
        session.execute(
            text("select ctx.report_missing(cast(:said as jsonb), cast(:who as jsonb))"),
            {"said": f'{{"id": "{new_id()}"}}', "who": "{}"},
        )


def test_nobody_reports_a_child_by_an_identifier_that_they_only_guessed(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    said = {"id": str(new_id()), "reported_name": "x", "status": "missing"}
    report = select(
        func.ctx.report_missing(
            func.jsonb_build_object(*(part for pair in said.items() for part in pair)),
            func.jsonb_build_object("child_id", str(case.child_id)),
        )
    )
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="no such child"):
        session.execute(report)
