"""What the sender answered of the child’s family, and a child’s own words, reach whoever decides."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import ChronologyEntry
from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import FamilySafe
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails
from portal.vocabulary import Answer, DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import ADA, PARK, SOURCE, Acting, answers, decide, opening, words_for

Browser = Callable[[User | None], Client]
OWN, WHY = "He said I owe him now", "It might warn him"
BEA = ChildDetails(given_name="Bea", family_name="Invented", age=13)


def sent(rows: Session, cast: Cast, *children: ChildDetails, **said: Any) -> Referral:
    """A form on some children and a park, as somebody answered it."""
    return make_sent_referral(
        rows, cast.officer, children=children or (ADA,), others=[PARK], answers=answers(**said), source=SOURCE
    )


@pytest.mark.parametrize(
    ("said", "chosen"),
    [(FamilySafe.NO, "no"), (FamilySafe.YES, "yes"), (FamilySafe.ASK, "ask"), (None, "ask")],
)
def test_what_the_family_may_be_told_begins_as_the_sender_answered_and_the_answer_stands_beside_it(
    rows: Session, cast: Cast, client_for: Browser, said: FamilySafe | None, chosen: str
) -> None:
    given = {"family_may_be_told": said, "family_aware": Answer.NO, "why_family_not_aware": WHY}
    form = sent(rows, cast, **(given if said else {}))
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    ticked = page.select_one("input[name=family_safe][checked]")
    assert ticked is not None
    assert ticked["value"] == chosen
    told = page.select_one("#senders-family")
    assert (told is not None) is bool(said)
    box = page.select("textarea[name^=words_]")[0].get_text()
    assert (f"The sender says why the family has not been told: {WHY}" in box) is bool(said)
    if said and told:
        assert f"“{said.label}”. The family knows of it: no. {WHY}" in told.get_text(" ", strip=True)


def test_as_it_comes_it_binds_the_case_and_the_front_door_reads_that_the_family_does_not_know(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    form = sent(
        rows, cast, family_may_be_told=FamilySafe.NO, family_aware=Answer.NO, why_family_not_aware=WHY
    )
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    ticked = page.select_one("input[name=family_safe][checked]")
    assert ticked is not None
    with acting(cast.coordinator) as actor:
        decide(
            actor,
            form,
            DecisionOutcome.OPEN_CASE,
            DecisionOutcome.SOCIAL_CARE_REFERRAL,
            about=[1],
            authority="derbyshire",
            opening=opening(cast),
            words=words_for(form, page.select("textarea[name^=words_]")[0].get_text()),
            family_safe=FamilySafe(str(ticked["value"])),
        )
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert entry.family_safe == "no"
    assert WHY in entry.text
    told = rows.scalars(select(Disclosure)).one()
    assert (told.conditions, told.family_told) == ("Do not tell the child’s family", False)
    read = client_for(cast.social_worker).soup(f"/told/{told.reference}").get_text(" ", strip=True)
    assert WHY in read
    assert "The sender of the form said that the family did not know of it" in read
    assert "Family told" not in read
    for stranger in (cast.nurse, cast.stranger):
        assert client_for(stranger).get(f"/told/{told.reference}").status_code == 404


def test_of_a_form_on_several_children_the_page_says_that_a_childs_words_are_in_no_box(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = sent(rows, cast, ADA, BEA, childs_words=OWN)
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    assert not [one for one in page.select("textarea[name^=words_]") if OWN in one.get_text()]
    said = page.select_one("#childs-words")
    assert said is not None
    assert OWN in said.get_text()
    assert "they are in none of the boxes below" in said.get_text()
    alone = sent(rows, cast, childs_words=OWN)
    page = client_for(cast.coordinator).soup(f"/triage/{alone.reference}/decide")
    assert page.select_one("#childs-words") is None
    assert OWN in page.select("textarea[name^=words_]")[0].get_text()
