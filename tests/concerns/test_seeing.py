"""Who sees what is of concern, and what it is linked to: never without both ends."""

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import (
    Concern,
    ConcernChange,
    ConcernDifference,
    ConcernKey,
    ConcernLink,
    ConcernNote,
    ConcernRelease,
)
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking, seen
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.concerns import add_note, link, make_concern, release

EVERYONE = (
    "coordinator",
    "officer",
    "neighbour",
    "police_manager",
    "social_worker",
    "nurse",
    "teacher",
    "community_safety",
    "stranger",
    "governance",
    "administrator",
)


def who_sees(asking: Asking, cast: Cast, model: type = Concern) -> set[str]:
    return {name for name in EVERYONE if seen(asking, getattr(cast, name), model)}


POLICE_AND_HUB = {"coordinator", "officer", "neighbour", "police_manager"}


def test_a_person_of_concern_is_for_police_the_hub_and_whoever_recorded_them(
    rows: Session, cast: Cast, asking: Asking, districts: None
) -> None:
    make_concern(rows, cast.teacher, kind="person", name="Zed Grubb", district="erewash")
    assert who_sees(asking, cast) == POLICE_AND_HUB | {"teacher"}


def test_a_council_sees_the_places_of_its_districts_unless_somebody_lives_there(
    rows: Session, cast: Cast, asking: Asking, districts: None
) -> None:
    place = make_concern(rows, cast.officer, district="erewash")
    assert who_sees(asking, cast) == POLICE_AND_HUB | {"community_safety"}
    place.dwelling = True
    rows.commit()
    assert who_sees(asking, cast) == POLICE_AND_HUB
    place.dwelling, place.district = False, "derby"
    rows.commit()
    assert who_sees(asking, cast) == POLICE_AND_HUB | {"stranger"}


def test_one_that_is_held_closely_is_for_the_team_that_owns_it_its_manager_the_hub_and_whom_they_name(
    rows: Session, cast: Cast, asking: Asking, districts: None
) -> None:
    place = make_concern(
        rows, cast.officer, district="erewash", sensitivity=1, owner_team_id=cast.police_team.id
    )
    closely = {"coordinator", "officer", "police_manager"}
    assert who_sees(asking, cast) == closely
    given = release(rows, place, cast.health, cast.officer)
    assert who_sees(asking, cast) == closely | {"nurse"}
    given.withdrawn_at, given.withdrawn_by = given.released_at, cast.officer.id
    rows.commit()
    assert who_sees(asking, cast) == closely


@pytest.mark.parametrize("model", [ConcernKey, ConcernNote, ConcernRelease, ConcernChange])
def test_what_hangs_on_it_is_for_whoever_sees_it(
    rows: Session, cast: Cast, asking: Asking, model: type
) -> None:
    place = make_concern(rows, cast.teacher, keys=["code:DE11AA"])
    add_note(rows, place, cast.officer)
    release(rows, place, cast.health, cast.teacher)
    rows.add(
        ConcernChange(
            concern_id=place.id,
            kind="recorded",
            changed_by=cast.teacher.id,
            changed_agency_id=cast.school.id,
            changed_at=place.created_at,
        )
    )
    rows.commit()
    assert who_sees(asking, cast, model) == POLICE_AND_HUB | {"teacher", "nurse"}


def test_a_note_keeps_its_handling_from_the_hub_too(rows: Session, cast: Cast, asking: Asking) -> None:
    place = make_concern(rows, cast.officer)
    release(rows, place, cast.health, cast.officer)
    add_note(rows, place, cast.officer, handling="own")
    assert who_sees(asking, cast, ConcernNote) == {"officer", "neighbour", "police_manager"}
    add_note(rows, place, cast.nurse, handling="agencies", listed_agencies=[cast.hub.id])
    assert seen(asking, cast.coordinator, ConcernNote) == seen(asking, cast.nurse, ConcernNote) == 1


def test_a_link_to_a_child_is_for_whoever_reads_the_child_and_sees_the_concern(
    rows: Session, cast: Cast, case: Case, asking: Asking, districts: None
) -> None:
    child = rows.get_one(Child, case.child_id)
    place = make_concern(rows, cast.officer, district="erewash")
    link(rows, place, child, cast.officer)
    # the neighbour and the council see the place; the nurse and the social worker read the child
    assert who_sees(asking, cast, ConcernLink) == {"coordinator", "officer", "police_manager"}
    release(rows, place, cast.social_care, cast.officer)
    assert who_sees(asking, cast, ConcernLink) == {
        "coordinator",
        "officer",
        "police_manager",
        "social_worker",
    }


@pytest.mark.parametrize(
    ("held", "who"), [(Sensitivity.RESTRICTED, {"coordinator"}), (Sensitivity.SEALED, set())]
)
def test_a_link_to_a_child_who_is_held_closely_is_for_those_who_read_that_case(
    rows: Session, cast: Cast, case: Case, asking: Asking, held: Sensitivity, who: set[str]
) -> None:
    link(rows, make_concern(rows, cast.officer), rows.get_one(Child, case.child_id), cast.officer)
    case.sensitivity = int(held)
    rows.commit()
    assert who_sees(asking, cast, ConcernLink) == who


def test_a_link_between_two_is_for_whoever_sees_both(
    rows: Session, cast: Cast, asking: Asking, districts: None
) -> None:
    place = make_concern(rows, cast.officer, district="erewash")
    person = make_concern(rows, cast.teacher, kind="person", name="Zed Grubb")
    link(rows, person, place, cast.officer)
    assert who_sees(asking, cast, ConcernLink) == POLICE_AND_HUB
    rows.add(
        ConcernDifference(
            concern_id=person.id,
            other_id=place.id,
            said_by=cast.officer.id,
            agency_id=cast.police.id,
            said_at=place.created_at,
        )
    )
    rows.commit()
    assert who_sees(asking, cast, ConcernDifference) == POLICE_AND_HUB


def test_a_link_keeps_its_handling(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    child = rows.get_one(Child, case.child_id)
    place = make_concern(rows, cast.officer)
    link(rows, place, child, cast.officer, handling="own")
    assert who_sees(asking, cast, ConcernLink) == {"officer", "police_manager"}


def test_somebody_who_moves_to_another_agency_sees_none_of_it(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    make_concern(rows, cast.teacher)
    cast.teacher.agency_id = cast.health.id
    rows.commit()
    assert "teacher" not in who_sees(asking, cast)


def test_a_child_whom_nobody_reads_is_in_no_link(rows: Session, cast: Cast, asking: Asking) -> None:
    link(rows, make_concern(rows, cast.officer), make_child(rows), cast.officer)
    assert who_sees(asking, cast, ConcernLink) == {"coordinator"}
