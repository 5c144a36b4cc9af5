"""Nobody of the agency that leads who may sign a risk assessment off reads the case."""

from sqlalchemy.orm import Session

from portal.deadlines.vocabulary import DeadlineKind
from portal.records.cases.model import Case
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import Acting, assessed, open_duties
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant
from tests.told import of_event

SAYS = "no manager there who may sign it off read the case"


def closely_held(rows: Session, cast: Cast, case: Case) -> None:
    for one in (cast.social_worker, cast.nurse):
        grant(rows, case, one, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()


def test_the_hub_and_whoever_is_named_on_the_case_hear_so_and_the_case_page_says_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    """A manager there who is not named on it hears nothing, nor do other agencies."""
    closely_held(rows, cast, case)
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    told = of_event(rows, "sign_off_lacks")
    assert {who for who, how, _ in told if how == "mail"} == {cast.hub_team.id}
    people = {who for who, *_ in told}
    assert cast.nurse.id in people
    assert not {cast.social_care_manager.id, cast.police_manager.id, cast.stranger.id} & people
    assert open_duties(rows, case)[DeadlineKind.SIGN_OFF].owner_agency_id == cast.social_care.id
    assert SAYS in client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ")


def test_where_a_manager_there_reads_it_they_owe_it_and_nothing_is_said(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    closely_held(rows, cast, case)
    grant(rows, case, cast.social_care_manager, by=cast.coordinator)
    assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert of_event(rows, "sign_off_lacks") == set()
    assert open_duties(rows, case)[DeadlineKind.SIGN_OFF].owner_id == cast.social_care_manager.id
    assert SAYS not in client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ")
