"""What the hub decided for somebody outside it and takes back: they hear so, and of what it decides next."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.records.referrals.sending import subjects_of
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.presenter.deciding import WAITING
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, Desk, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.told import heard
from tests.triage.conftest import Acting, decide, tell_team
from tests.triage.test_telling import ADD, GRADED, decides, found, recognised_with_case

ClientFor = Callable[[User | None], Client]
DESK = ("officer", "colleague", "police_manager")


def takes_back(acting: Acting, cast: Cast, form: Referral, most: int | None = None) -> None:
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        wrong = live_decisions(referral=referral)[:most]
        reopen(actor=actor, referral=referral, decisions=wrong, reason="It is of use to nobody")


def test_whoever_was_told_of_a_decision_outside_the_hub_hears_that_it_was_taken_back_and_of_the_next(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    takes_back(acting, cast, form)
    told = heard(rows, cast, "outside_taken_back")
    assert {tuple(one.split()) for one in told} == {(who, "mail", "outside_taken_back") for who in DESK}
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    of_it = select(func.count()).where(OutboxMessage.event == "intelligence_kept")
    assert rows.scalar(of_it.where(OutboxMessage.recipient_id == cast.colleague.id)) == 2, "as it stands now"


def test_what_they_were_told_first_says_that_it_was_taken_back_until_it_is_decided_so_again(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    mine = select(OutboxMessage.id).filter_by(event="intelligence_kept", recipient_id=cast.colleague.id)
    first = rows.scalars(mine).one()

    def says() -> str:
        return client_for(cast.colleague).soup(f"/go/{first}").get_text(" ", strip=True)

    assert "ask the hub for the graded words" in says()
    takes_back(acting, cast, form)
    said = says()
    assert "Taken back on" in said
    assert "do not act on it" in said
    assert form.reference in said
    assert "You do not see the form" in said
    for word in ("ask the hub for the graded words", "whom it was about", "shown to you no longer"):
        assert word not in said, word
    assert client_for(cast.stranger).get(f"/go/{first}").status_code == 404
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    assert "Taken back on" not in says()


def test_of_two_decisions_of_one_kind_whoever_was_told_hears_that_part_was_taken_back_until_none_is_left(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: ClientFor
) -> None:
    """Both on the form are intelligence only, and the desk hears that once."""
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    mine = select(OutboxMessage.id).filter_by(event="intelligence_kept", recipient_id=cast.colleague.id)
    first = rows.scalars(mine).one()

    def says() -> str:
        return client_for(cast.colleague).soup(f"/go/{first}").get_text(" ", strip=True)

    takes_back(acting, cast, form, most=1)
    assert heard(rows, cast, "outside_taken_back") == set()
    part = {f"{who} mail outside_part_taken_back" for who in DESK}
    assert heard(rows, cast, "outside_part_taken_back") == part
    said = says()
    assert "Part of it was taken back on" in said
    assert form.reference in said
    for word in ("do not act on it", "Do not use it", "whom it was about"):
        assert word not in said, word
    assert client_for(cast.stranger).get(f"/go/{first}").status_code == 404
    takes_back(acting, cast, form)
    assert heard(rows, cast, "outside_taken_back") == {f"{who} mail outside_taken_back" for who in DESK}
    assert heard(rows, cast, "outside_part_taken_back") == part, "nothing is left of it"
    assert "Do not use it, and do not act on it" in says()


def test_the_page_says_that_nothing_is_marked_on_a_sealed_case_that_whoever_takes_back_does_not_read(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: ClientFor
) -> None:
    child = make_child(rows, "Quenby", "Marrowfield")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    with acting(cast.coordinator) as actor:
        words = {one.id: "A car waits at the park." for one in subjects_of(referral=found(actor, form))}
        decide(actor, form, ADD, about=[2], case_reference=case.reference, words=words)
    grant(rows, case, cast.second_coordinator, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/reopen").get_text(" ")
    assert "On a sealed case that you do not read nothing is marked" in " ".join(page.split())
    takes_back(acting, cast, form)
    rows.rollback()
    assert [one.corrects_id for one in rows.query(ChronologyEntry).filter_by(case_id=case.id)] == [None]


def test_whoever_was_told_of_nothing_hears_of_nothing(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.NO_FURTHER_ACTION)
    takes_back(acting, cast, form)
    assert heard(rows, cast, "outside_taken_back") == set()


def test_what_was_taken_back_or_decided_by_social_care_is_not_called_a_decision_of_the_hub() -> None:
    kinds = current_policy().reminders.kinds
    assert "took back" in kinds["feedback_taken_back"].line
    assert "or by social care" in kinds["feedback"].line
    assert "a part of it" in kinds["red_taken_back"].line


def test_what_the_desk_is_told_to_ask_the_hub_for_is_not_what_it_was_told_of_the_form_before(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: ClientFor
) -> None:
    """The desk was told of the child, and then that what the form says of the park is intelligence."""
    recognised_with_case(rows, cast, acting, form)
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    tell_team(acting, cast, form, "Ada was driven away.")
    with acting(cast.coordinator) as actor:
        decide(
            actor,
            form,
            DecisionOutcome.INTELLIGENCE_ONLY,
            about=[2],
            nature=InformationNature.INTELLIGENCE,
            grading=GRADED,
        )
    mine = select(OutboxMessage.id).filter_by(event="intelligence_kept", recipient_id=cast.colleague.id)
    message = f"/go/{rows.scalars(mine).one()}"
    colleague = client_for(cast.colleague)
    shown = colleague.soup(message)
    says = " ".join(shown.get_text(" ").split())
    assert "ask the hub for the graded words" in says
    assert f"and give the reference {form.reference}" in says
    assert ", told before this message" in says
    (link,) = shown.select(".app-page-list a")
    assert "Ada was driven away." in colleague.soup(str(link["href"])).get_text()
    hub = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell").get_text()
    assert WAITING in hub, "nobody there has the graded words yet"
    for person in (cast.neighbour, cast.nurse, cast.stranger):
        assert client_for(person).get(message).status_code == 404, person.name
