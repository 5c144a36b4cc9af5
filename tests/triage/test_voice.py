"""What comes of an information form says whose voice it is, and is never taken for the hub's own."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.referrals.sending import subjects_of
from portal.records.triage.child_match import start_record
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import ADA, PARK, SOURCE, TEXT, Acting, answers, decide, opening, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import GRADED

Browser = Callable[[User | None], Client]
OWN = "He said I owe him now"
SENT_IT = "This team sent the form that the case came of"


@pytest.fixture
def opened(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Case:
    """The case that came of the officer's form, decided by the coordinator."""
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form))
    return rows.scalars(select(Case)).one()


def test_the_entry_says_who_sent_it_and_for_which_agency_on_every_page(
    rows: Session, cast: Cast, opened: Case, client_for: Browser
) -> None:
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.sender, entry.author_id) == ("Ola Officer, Police", cast.coordinator.id)
    worker = client_for(cast.social_worker)
    for page in (f"/cases/{opened.reference}/entries/{entry.id}", f"/cases/{opened.reference}/print"):
        shown = worker.soup(page).get_text(" ", strip=True)
        assert "by Ola Officer, Police, by an information form; added by Cora Coordinator, Hub" in shown, page
        assert SOURCE not in shown, "the source stays apart"
    child = rows.scalar(select(Case.child_id))
    assert child is not None
    chronology = f"/children/{rows.get_one(Child, child).reference}/chronology"
    for page in (chronology, f"{chronology}?words=full", f"{chronology}/print"):
        shown = worker.soup(page).get_text(" ", strip=True)
        assert "Ola Officer, Police, by an information form; added by Cora Coordinator, Hub" in shown, page
    stranger = client_for(cast.stranger).get(f"/cases/{opened.reference}/entries/{entry.id}")
    assert stranger.status_code == 404


@pytest.mark.parametrize("colour", [TriageColour.RED, TriageColour.AMBER])
def test_the_entry_says_on_every_page_that_the_form_was_red(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: Browser, colour: TriageColour
) -> None:
    rows.execute(update(Referral).values(colour=colour))
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form))
    case, entry = rows.scalars(select(Case)).one(), rows.scalars(select(ChronologyEntry)).one()
    home, worker = f"/cases/{case.reference}", client_for(cast.social_worker)
    child = rows.get_one(Child, case.child_id).reference
    for page in (home, f"{home}/entries/{entry.id}", f"{home}/print", f"/children/{child}/chronology"):
        shown = worker.soup(page).get_text(" ", strip=True)
        assert ("Information from a red form" in shown) is (colour is TriageColour.RED), page
    offered = worker.get(f"{home}/entries/new").text
    assert "red_form" not in offered, "nobody chooses it"


def test_whoever_wrote_of_a_colleague_is_not_named(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    rows.execute(update(Referral).values(concerns_colleague=True))
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form))
    assert rows.scalars(select(ChronologyEntry.sender)).one() == ""


def test_a_correction_keeps_whose_words_they_are(
    rows: Session, cast: Cast, opened: Case, client_for: Browser
) -> None:
    entry = rows.scalars(select(ChronologyEntry)).one()
    address = f"/cases/{opened.reference}/entries/{entry.id}/correct"
    typed = {"text": f"{TEXT} It was red.", "moment": "", "reason": "The colour"}
    assert client_for(cast.coordinator).submit(address, typed).status_code == 303
    assert set(rows.scalars(select(ChronologyEntry.sender))) == {"Ola Officer, Police"}


def test_the_childs_own_words_and_what_the_hub_was_answered_are_carried_over_apart(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = make_sent_referral(
        rows, cast.officer, children=[ADA], others=[PARK], answers=answers(childs_words=OWN), source=SOURCE
    )
    for from_hub, text in ((True, "Which car was it?"), (False, "A red one, with a roof box.")):
        rows.add(
            ReferralMessage(
                id=new_id(),
                referral_id=form.id,
                author_id=cast.coordinator.id if from_hub else cast.officer.id,
                from_hub=from_hub,
                text=text,
                sent_at=clock.now(),
                asks_reply=from_hub,
            )
        )
        rows.commit()
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    box = page.select("textarea[name^=words_]")[0].get_text()
    assert f"In the child’s own words: {OWN}" in box
    assert "The hub asked: Which car was it?\nThe sender answered: A red one, with a roof box." in box
    assert SOURCE not in box


def test_the_senders_team_is_offered_where_agencies_are_told(
    cast: Cast, form: Referral, client_for: Browser
) -> None:
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell")
    assert offered_first(page) == [str(form.author_team_id or cast.police_team.id)]
    boxes = page.select('input[name="teams"]')
    assert len({one["value"] for one in boxes}) == len(boxes), "each team stands once"
    assert not page.select('input[name="teams"][checked]'), "it is for the coordinator to tick"


def test_the_senders_team_is_offered_first_where_teams_join_the_case(
    rows: Session, cast: Cast, opened: Case, client_for: Browser
) -> None:
    address = f"/cases/{opened.reference}/network/add"
    coordinator = client_for(cast.coordinator)
    first = coordinator.soup(address).select_one('input[name="teams"]')
    assert first is not None
    assert (first["value"], first.get("checked")) == (str(cast.police_team.id), None)
    assert coordinator.soup(address).get_text().count(SENT_IT) == 1
    for person in (cast.colleague, cast.stranger, cast.nurse):
        answer = client_for(person).get(address)
        assert answer.status_code in {403, 404}, person.name
        assert SENT_IT not in answer.text, person.name
    joining = {"teams": [str(cast.police_team.id)], "reason": "They know her"}
    assert coordinator.submit(address, joining).status_code == 303
    assert SENT_IT not in coordinator.soup(address).get_text(), "it is on the case"


def test_of_a_form_about_a_colleague_no_team_is_set_apart_where_teams_join_the_case(
    rows: Session, cast: Cast, form: Referral, opened: Case, client_for: Browser
) -> None:
    rows.execute(update(Referral).values(concerns_colleague=True))
    rows.commit()
    page = client_for(cast.coordinator).soup(f"/cases/{opened.reference}/network/add")
    assert SENT_IT not in page.get_text()
    assert page.select_one(f'input[name="teams"][value="{cast.police_team.id}"]') is not None


def test_the_senders_team_is_not_set_apart_where_the_form_is_about_a_colleague(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    rows.execute(update(Referral).values(concerns_colleague=True))
    rows.commit()
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell")
    assert offered_first(page) == [], "whom it concerns may be of that team"
    assert page.select_one(f'input[name="teams"][value="{cast.police_team.id}"]') is not None


def offered_first(page: BeautifulSoup) -> list[str]:
    """The teams that stand under the heading of whoever sent the form."""
    groups = page.select('div[role="group"][aria-labelledby^="sector-"]')
    label = page.select_one("#sector-1")
    named = label is not None and label.get_text() == "The team that sent the form"
    return [str(box["value"]) for box in groups[0].select("input")] if named else []


def test_an_entry_of_a_form_stands_with_those_of_its_senders_sector(
    rows: Session, cast: Cast, opened: Case, client_for: Browser
) -> None:
    worker, home = client_for(cast.social_worker), f"/cases/{opened.reference}"
    fragment = {"HX-Request": "true", "HX-Target": "div#case-entries"}
    for only, shown in (("police", True), ("health", False), ("council", False)):
        found = worker.get(f"{home}?only={only}", headers=fragment).text
        assert ("Ola Officer, Police" in found) is shown, only
    child = rows.get_one(Child, opened.child_id).reference
    picture = worker.soup(f"/children/{child}/chronology").get_text(" ", strip=True)
    assert "Ola Officer, Police, by an information form" in picture
    assert "Council and others 1" not in picture
    assert "Police 1" in picture
    assert client_for(cast.stranger).get(home).status_code == 404


def test_whoever_tells_an_agency_sees_what_the_form_says_beside_what_happened(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    said = {"childs_words": OWN, "why_family_not_aware": "Her father may be part of it"}
    form = make_sent_referral(rows, cast.officer, children=[ADA], answers=answers(**said), source=SOURCE)
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell")
    beside = page.select_one("#said-beside")
    assert beside is not None
    assert OWN in beside.get_text()
    assert "Her father may be part of it" in beside.get_text()
    assert SOURCE not in page.get_text()
    bare = make_sent_referral(rows, cast.officer, children=[ADA], answers=answers())
    boxes = client_for(cast.coordinator).soup(f"/triage/{bare.reference}/tell").select("#said-beside input")
    assert [str(one["value"]) for one in boxes] == ["sender"], "whose form it is"
    for person in (cast.colleague, cast.stranger):
        assert client_for(person).get(f"/triage/{form.reference}/tell").status_code in {403, 404}


def test_what_was_told_says_of_whose_form_it_is_and_keeps_the_childs_words_and_the_answers_apart(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    said = {"childs_words": OWN, "why_family_not_aware": "Her father may be part of it"}
    form = make_sent_referral(rows, cast.officer, children=[ADA], answers=answers(**said), source=SOURCE)
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        start_record(actor=actor, referral=referral, subject=subjects_of(referral=referral)[0])
    hub, address = client_for(cast.coordinator), f"/triage/{form.reference}/tell"
    page = hub.soup(address)
    assert [str(one["value"]) for one in page.select("#said-beside input[checked]")] == ["sender"]
    labels = [one.get_text(" ", strip=True) for one in page.select("#said-beside label")]
    (own,) = (place - 1 for place, label in enumerate(labels) if OWN in label)
    given = fields_of(page, address) | {
        "teams": [str(cast.school_team.id)], "decision": "share", "family_told": "yes", "reason": "",
        "stand_with": ["sender", str(own)],
    }  # fmt: skip
    assert hub.submit(address, given).status_code == 303
    told = rows.scalars(select(Disclosure)).one()
    text = client_for(cast.teacher).soup(f"/told/{told.reference}").select_one(".app-words")
    assert text is not None
    about, whose, words, childs = text.get_text().strip().split("\n\n")
    assert about.startswith("Child: Ada")
    assert whose == "From an information form of Police, as the hub passes it on"
    assert words == TEXT.strip()
    assert childs == f"In the child’s own words: {OWN}"
    for unsaid in ("Her father may be part of it", cast.officer.name, SOURCE):
        assert unsaid not in client_for(cast.teacher).get(f"/told/{told.reference}").text, unsaid
    for person in (cast.nurse, cast.stranger):
        assert client_for(person).get(f"/told/{told.reference}").status_code == 404, person.name
    assert "all of it" not in hub.soup(address).get_text()


@pytest.mark.parametrize("of", ["colleague", "intelligence"])
def test_whoever_is_told_of_a_form_about_a_colleague_or_of_intelligence_does_not_read_whose_it_is(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: Browser, of: str
) -> None:
    if of == "colleague":
        rows.execute(update(Referral).values(concerns_colleague=True))
        rows.commit()
    else:
        with acting(cast.coordinator) as actor:
            only, nature = DecisionOutcome.INTELLIGENCE_ONLY, InformationNature.INTELLIGENCE
            decide(actor, form, only, about=[1], nature=nature, grading=GRADED)
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell?about=1")
    assert not page.select("#said-beside input")
