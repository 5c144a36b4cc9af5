"""A record that is said to be of the same child as another draws no report: it goes where people work."""

from datetime import date
from unicodedata import category

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.characters import latin
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink, ChildRecord
from portal.records.missing.model import MissingEpisode
from portal.records.missing.reporting import ReportedAlready
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import BORN, Acting, reports, returns
from tests.missing.test_guessing import NAME
from tests.missing.test_pages import ClientFor
from tests.missing.test_reporting import hide
from tests.missing.test_same_child import MISSPELT, find_by_name, known, questions
from tests.told import of_event


def linked(rows: Session, cast: Cast, *children: Child) -> None:
    """Say that records are of one child."""
    one, two = sorted(child.id for child in children)
    said = {"reason": "The same mother", "linked_by": cast.coordinator.id, "created_at": clock.now()}
    rows.add(ChildLink(id=new_id(), child_a=one, child_b=two, **said))
    rows.commit()


def said_to_be_the_same(client_for: ClientFor, cast: Cast, episode: MissingEpisode) -> None:
    said = {"same": "yes", "words": "The same mother rang", "told": "y"}
    page = f"/missing/{episode.reference}/same-child"
    assert client_for(cast.coordinator).submit(page, said).status_code == 303


def of(rows: Session, episode: MissingEpisode) -> object:
    rows.rollback()
    return rows.get_one(MissingEpisode, episode.id, populate_existing=True).child_id


def heard(rows: Session, event: str = "missing_reported") -> set[object]:
    return {one[0] for one in of_event(rows, event, last_word=None)}


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.SEALED])
def test_after_the_hub_said_that_it_is_the_same_child_the_next_report_goes_to_who_works_with_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, sensitivity: Sensitivity
) -> None:
    case = known(rows, cast, sensitivity)
    if sensitivity is Sensitivity.NORMAL:
        case.lead_professional_id = cast.social_worker.id
        rows.commit()
    first = reports(acting, cast.teacher, name=MISSPELT)
    said_to_be_the_same(client_for, cast, first)
    returns(acting, cast.teacher, first)
    rows.rollback()
    second = reports(acting, cast.teacher, name=MISSPELT)
    assert of(rows, second) == case.child_id
    assert len(questions(rows)) == 1, "nothing is asked again"
    works = cast.social_worker if sensitivity is Sensitivity.NORMAL else cast.coordinator
    told = of_event(rows, "missing_reported", last_word=None)
    assert works.id in {one[0] for one in told}
    for person in (cast.stranger, cast.community_safety):
        assert person.id not in {one[0] for one in told}
        assert client_for(person).get(f"/missing/{second.reference}").status_code == 404
    page = client_for(cast.teacher).get(f"/missing/{second.reference}").text
    assert NAME not in page, "whoever reported reads what they said"


def test_a_question_is_about_the_record_that_people_work_with(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = known(rows, cast, Sensitivity.NORMAL)
    first = reports(acting, cast.teacher, name=MISSPELT)
    emptied = rows.get_one(Child, first.child_id)
    said_to_be_the_same(client_for, cast, first)
    returns(acting, cast.teacher, first)
    again = reports(acting, cast.teacher, name="Yarowmir Quentelbie")
    (asked,) = [one for one in questions(rows) if one.episode_id == again.id]
    assert asked.other_id == case.child_id
    assert asked.other_id != emptied.id


def test_an_answer_to_an_older_question_leads_there_too(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    emptied = make_child(rows, *NAME.split(), dob=BORN)
    find_by_name(rows, emptied)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    assert [one.other_id for one in questions(rows)] == [emptied.id]
    linked(rows, cast, emptied, rows.get_one(Child, case.child_id))
    said_to_be_the_same(client_for, cast, episode)
    assert of(rows, episode) == case.child_id


def test_without_an_open_case_the_older_record_has_it_and_by_way_of_another_too(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    oldest = make_child(rows, "Sorrelby", "Thackeroy", dob=date(2010, 1, 1))
    between = make_child(rows, "Sorrelbie", "Thackeray", dob=date(2010, 1, 2))
    last = make_child(rows, *NAME.split(), dob=BORN)
    linked(rows, cast, oldest, between)
    linked(rows, cast, between, last)
    assert of(rows, reports(acting, cast.teacher, name=NAME)) == oldest.id
    rows.query(ChildLink).filter(ChildLink.child_b == last.id).one().unlinked_at = clock.now()
    rows.commit()
    assert of(rows, reports(acting, cast.nurse, name=NAME)) == last.id, "two children after all"


def test_whoever_reads_a_record_and_not_the_one_that_is_hidden_is_led_to_no_other(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """The nurse works with the child of a closed case, which is linked with a sealed one."""
    child = rows.get_one(Child, case.child_id)
    case.state = "closed"
    hidden = make_child(rows, "Sorrelby", "Thackeroy", dob=date(2010, 1, 1))
    sealed = make_case(rows, hidden, lead=cast.social_care, opened_by=cast.coordinator)
    hide(rows, sealed, by=cast.second_coordinator)
    linked(rows, cast, child, hidden)
    name = f"{child.given_name} {child.family_name}"
    for how in ({"child": child}, {"name": name, "dob": child.dob}):
        episode = reports(acting, cast.nurse, **how)
        assert of(rows, episode) == child.id
        returns(acting, cast.nurse, episode)
    by_somebody = reports(acting, cast.community_safety, name=name, dob=child.dob)
    assert of(rows, by_somebody) == hidden.id, "who reads neither learns nothing by it"


def test_no_statement_tells_which_records_are_linked(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(select(func.ctx.record_worked_on(case.child_id)))


@pytest.mark.parametrize(
    ("record", "typed"),
    [
        (("Renée-Ève", "Skjøldvang"), "Renee Eve Skjoldvang"),
        (("Zoë-Marie", "Brørnvang"), "ZOE MARIE BRORNVANG"),
        (("Zoë-Marie", "Brørnvang"), "Brornvang Zoemarie"),
        (("Thi-Hoa", "van den Ørnsvik"), "Thi Hoa Vandenornsvik"),
        (("Siân", "O’Hare"), "Sian OHare"),
        (("Łukasz", "Weiß"), "Lukasz Weiss"),
    ],
)
def test_the_name_without_accents_and_hyphens_in_any_order_is_certain_with_the_date_of_birth(
    rows: Session, cast: Cast, acting: Acting, record: tuple[str, str], typed: str
) -> None:
    child = make_child(rows, *record, dob=BORN)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    case.lead_professional_id = cast.social_worker.id
    rows.commit()
    episode = reports(acting, cast.teacher, name=typed)
    if typed == "Brornvang Zoemarie":
        assert of(rows, episode) != child.id, "in another order and in one: the hub is asked"
        return
    assert of(rows, episode) == child.id
    told = heard(rows)
    assert cast.social_worker.id in told
    assert not told & {cast.stranger.id, cast.community_safety.id}


@pytest.mark.parametrize(
    ("record", "typed"),
    [
        (("Zoë-Marie", "Brørnvang"), "Zoe Brornvang"),
        (("Ann", "Lee"), "Ann Leigh"),
        (("مريم", "حسن"), "علي حسن"),
        (("小明", "王"), "小紅 王"),
        (("Ann", "Lee"), "?!"),
    ],
)
def test_a_name_that_differs_is_none(
    rows: Session, cast: Cast, acting: Acting, record: tuple[str, str], typed: str
) -> None:
    child = make_child(rows, *record, dob=BORN)
    assert of(rows, reports(acting, cast.teacher, name=typed)) != child.id


def test_of_two_who_are_called_by_the_same_words_it_is_the_one_that_was_written(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    make_child(rows, "Lee", "Ann", dob=BORN)
    child = make_child(rows, "Ann", "Lee", dob=BORN)
    assert of(rows, reports(acting, cast.teacher, name="ann lee")) == child.id


def test_letters_are_written_as_the_search_writes_them(rows: Session) -> None:
    letters = [chr(one) for one in range(0xC0, 0x180) if category(chr(one)).startswith("L")]
    said = text("select l, ctx.plain_name(l) from unnest(cast(:letters as text[])) l")
    plain = {row[0]: row[1] for row in rows.execute(said, {"letters": letters})}
    written = {one: latin(one).translate({ord("'"): None, ord("-"): None}) for one in letters}
    assert plain == written


def test_the_same_report_by_a_linked_record_is_refused_to_whoever_sees_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other = make_child(rows, "Zoë-Marie", "Brørnvang", dob=BORN)
    linked(rows, cast, other, rows.get_one(Child, case.child_id))
    reports(acting, cast.coordinator, child=rows.get_one(Child, case.child_id))
    with pytest.raises(ReportedAlready):
        reports(acting, cast.coordinator, child=other)


def test_two_reports_of_linked_records_are_for_the_hub_and_the_police_to_settle(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """The one ran on its record before somebody said that both are of one child."""
    other = make_child(rows, *NAME.split(), dob=BORN)
    make_episode(rows, other, cast.officer)
    linked(rows, cast, other, rows.get_one(Child, case.child_id))
    reports(acting, cast.teacher, name=NAME)
    assert cast.hub_team.id in heard(rows, "missing_twice")
    assert not heard(rows, "missing_twice") & {cast.teacher.id, cast.stranger.id}


def test_an_authority_that_was_left_open_is_on_the_linked_record_for_whoever_reads_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other = make_child(rows, *NAME.split(), dob=BORN)
    linked(rows, cast, other, rows.get_one(Child, case.child_id))
    rows.get_one(ChildRecord, case.child_id).responsible_authority = "derby"
    rows.commit()
    episode = reports(acting, cast.coordinator, child=other, responsible_authority=None)
    assert of(rows, episode) == case.child_id
    assert rows.get_one(MissingEpisode, episode.id).responsible_authority == "derby"
