"""Looking people and children up by words, in place of typed addresses and references."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import AccessGrant, Case
from portal.records.people.model import User
from portal.records.referrals.model import ReferralChild
from portal.vocabulary import Sensitivity
from tests.cases.conftest import case as case_of_three_agencies
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.children import known_child
from tests.factories.concerns import make_concern
from tests.factories.referrals import make_sent_referral, subjects_of

SignIn = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true", "HX-Target": "div#email-found", "HX-Request-Type": "partial"}

case = case_of_three_agencies


def offered(page: BeautifulSoup) -> list[str]:
    """Who is offered, in order, with the last answer that it is none of them."""
    return [one.get_text(strip=True) for one in page.select('[name="email-pick"] + label')]


def looked_up(client: Client, source: str, typed: str) -> BeautifulSoup:
    """What a script puts into the form while somebody types."""
    said = {"field": "email", "id": "email", "nothing": "None of these", "email": typed}
    answer = client.submit(f"/pick/{source}", said, headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def restricted(rows: Session, case: Case) -> Case:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    return case


def test_somebody_is_found_by_a_part_of_the_name_and_then_chosen(
    rows: Session, cast: Cast, restricted: Case, client_for: SignIn
) -> None:
    """Without a script: the form comes back with those who fit, and with all that was written."""
    client, address = client_for(cast.coordinator), f"/cases/{restricted.reference}/named/new"
    said = {"email": "neighb", "reason": "They know the family"}
    page = client.page_of(answer := client.submit(address, said))
    assert answer.status_code == 422
    assert "Choose whom you mean by “neighb”" in answer.text, "of several fields it says which"
    assert "They know the family" in answer.text
    assert offered(page) == [cast.neighbour.name, "None of these"]
    why = page.select_one("#email-why-1")
    assert why
    assert cast.police.name in why.get_text(), "what tells them from others of the name"
    assert not rows.query(AccessGrant).count(), "who fits alone is not yet chosen"
    said["email-pick"] = str(cast.neighbour.id)
    assert client.submit(address, said).status_code == 303
    assert rows.query(AccessGrant).one().user_id == cast.neighbour.id


@pytest.mark.parametrize("source", ["children", "cases", "subjects"])
def test_of_ten_digits_that_are_no_nhs_number_it_is_said_that_they_cannot_be_right(
    cast: Cast, client_for: SignIn, source: str
) -> None:
    page = looked_up(client_for(cast.coordinator), source, "943 476 5910").get_text(" ", strip=True)
    assert page == "Nobody fits. Check the NHS number: it has a wrong or swapped digit."
    for typed in ("943 476 5919", "Zzyzx", "12/3/2011", "CHD-7KQ2-9XWD", "--", "A", ""):
        page = looked_up(client_for(cast.coordinator), source, typed).get_text(" ", strip=True)
        assert "Check the NHS number" not in page, typed
    people = looked_up(client_for(cast.coordinator), "people", "943 476 5910").get_text(" ", strip=True)
    assert people == "Nobody fits. Try another spelling, or fewer letters."


def test_without_a_script_the_form_says_so_too(cast: Cast, case: Case, client_for: SignIn) -> None:
    said = {"other_cases": "943 476 5910"}
    answer = client_for(cast.coordinator).submit(f"/meetings/call/case/{case.reference}", said)
    assert answer.status_code == 422
    assert "Check the NHS number: it has a wrong or swapped digit" in answer.text


def test_a_work_address_names_its_person(
    rows: Session, cast: Cast, restricted: Case, client_for: SignIn
) -> None:
    said = {"email": cast.neighbour.email.upper(), "reason": "They know the family"}
    answer = client_for(cast.coordinator).submit(f"/cases/{restricted.reference}/named/new", said)
    assert answer.status_code == 303
    assert rows.query(AccessGrant).one().user_id == cast.neighbour.id


@pytest.mark.parametrize(
    ("typed", "picked", "says"),
    [
        ("nobody of this name", "", "Nobody who works here fits"),
        ("neighb", "nobody", "Enter their name or work e-mail address"),
        ("neighb", "not-an-id", "Choose whom you mean"),
        ("%", "", "Nobody who works here fits"),
    ],
)
def test_nobody_is_named_whom_the_words_do_not_fit(
    rows: Session, cast: Cast, restricted: Case, client_for: SignIn, typed: str, picked: str, says: str
) -> None:
    said = {"email": typed, "email-pick": picked, "reason": "They know the family"}
    answer = client_for(cast.coordinator).submit(f"/cases/{restricted.reference}/named/new", said)
    assert answer.status_code == 422
    assert says in answer.text
    said = {"email": "neighb", "email-pick": str(cast.stranger.id), "reason": "They know the family"}
    answer = client_for(cast.coordinator).submit(f"/cases/{restricted.reference}/named/new", said)
    assert answer.status_code == 422, "of another name than was typed"
    assert not rows.query(AccessGrant).count()


def test_those_who_fit_are_shown_while_somebody_types(rows: Session, cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.officer)
    assert offered(looked_up(client, "people", "nia neigh")) == [cast.neighbour.name, "None of these"]
    assert not offered(looked_up(client, "people", "n"))
    assert "Nobody fits" in looked_up(client, "people", "xqzv").get_text()
    cast_left = cast.neighbour
    cast_left.active = False
    rows.add(cast_left)
    rows.commit()
    assert not offered(looked_up(client, "people", "nia neigh")), "whoever left is not offered"
    for person in (cast.governance, cast.administrator):
        assert (
            client_for(person).submit("/pick/people", {"field": "email"}, headers=FRAGMENT).status_code == 403
        )


def test_a_child_is_offered_with_why_and_to_nobody_who_may_not_see_the_child(
    rows: Session, cast: Cast, case: Case, client_for: SignIn
) -> None:
    child = known_child(rows, "Zofriela", "Mgwrzos", by=cast.coordinator)
    own = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    client = client_for(cast.coordinator)
    page = looked_up(client, "cases", "zofriela mgwrzos")
    assert offered(page) == ["Zofriela Mgwrzos", "None of these"]
    assert "Fits by" in page.get_text()
    assert own.reference in page.get_text()
    assert [str(one["value"]) for one in page.select("input")] == [own.reference, "nobody"]
    assert [str(one["value"]) for one in looked_up(client, "children", "zofriela").select("input")] == [
        child.reference,
        "nobody",
    ]
    for person in (cast.officer, cast.neighbour, cast.stranger):
        for source in ("cases", "children", "subjects"):
            assert not offered(looked_up(client_for(person), source, "zofriela mgwrzos")), person.name


def test_children_and_things_of_concern_are_offered_together_to_whoever_may_see_each(
    rows: Session, cast: Cast, case: Case, client_for: SignIn
) -> None:
    own = known_child(rows, "Zofriela", "Mgwrzos", by=cast.coordinator)
    made = make_case(rows, own, lead=cast.social_care, opened_by=cast.coordinator)
    place = make_concern(rows, cast.officer, name="Mgwrzos", keys=["letters:mgwrzos"])
    page = looked_up(client_for(cast.coordinator), "subjects", "mgwrzos")
    assert [str(one["value"]) for one in page.select("input")] == [made.reference, place.reference, "nobody"]
    assert offered(looked_up(client_for(cast.officer), "subjects", "mgwrzos"))[:1] == [place.name]
    for other in (cast.nurse, cast.stranger):
        assert not offered(looked_up(client_for(other), "subjects", "mgwrzos")), other.name


def test_a_form_is_offered_by_the_child_who_is_known_on_it_to_whoever_triages(
    rows: Session, cast: Cast, client_for: SignIn
) -> None:
    child = known_child(rows, "Zofriela", "Mgwrzos", by=cast.coordinator)
    make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    form = make_sent_referral(rows, cast.officer)
    subject = subjects_of(rows, form)[0]
    rows.merge(
        ReferralChild(subject_id=subject.id, referral_id=form.id, child_id=child.id, matched_at=clock.now())
    )
    rows.commit()
    page = looked_up(client_for(cast.coordinator), "forms", "mgwrzos")
    assert [str(one["value"]) for one in page.select("input")] == [form.reference, "nobody"]
    assert "sent" in page.get_text()
    said = {"field": "email", "email": "mgwrzos"}
    for other in (cast.officer, cast.social_worker, cast.stranger):
        assert client_for(other).submit("/pick/forms", said, headers=FRAGMENT).status_code == 403, other.name


def test_one_of_many_boxes_is_found_by_words_and_what_is_ticked_stays(
    cast: Cast, case: Case, rows: Session, client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a script: the button brings the page back, all that was filled in kept, and does nothing."""
    monkeypatch.setattr("portal.web.widgets._SEEN_AT_ONCE", 2)
    address = f"/cases/{case.reference}/network/add"
    said = {
        "teams": [str(cast.council_team.id)],
        "teams-find": "no such team",
        "reason": "They run the hostel",
        "action": "find",
    }
    client = client_for(cast.coordinator)
    answer = client.submit(address, said)
    page = client.page_of(answer)
    assert answer.status_code == 200
    assert "There is a problem" not in answer.text
    assert "They run the hostel" in answer.text
    seen = [one for one in page.select(".govuk-checkboxes__item") if not one.has_attr("hidden")]
    assert [str(one.input["value"]) for one in seen if one.input] == [str(cast.council_team.id)]
    page = client.page_of(client.submit(address, said | {"teams-find": "", "teams": []}))
    assert not page.select(".govuk-checkboxes__item[hidden]")


def test_beside_references_that_name_what_is_meant_no_page_says_that_nobody_fits(
    rows: Session, cast: Cast, case: Case, client_for: SignIn
) -> None:
    """While they are typed, and where the form comes back because of another field."""
    other = make_case(rows, make_child(rows, "Ben"), lead=cast.social_care, opened_by=cast.coordinator)
    client = client_for(cast.coordinator)
    for typed in (other.reference, f"{case.reference}, {other.reference}", other.reference.replace("-", " ")):
        assert "Nobody fits" not in looked_up(client, "cases", typed).get_text(), typed
    address = f"/meetings/call/case/{case.reference}"
    answer = client.submit(address, {"other_cases": other.reference})
    assert answer.status_code == 422
    assert other.reference in answer.text
    assert "Nobody fits" not in answer.text
