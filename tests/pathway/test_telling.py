"""Words about some of the children on a form give no other child of it away."""

from datetime import date

import pytest

from portal.policy import Policy
from portal.records.disclosures.rules import gives_away, introduce, starting_text, traits_of
from portal.records.referrals.rules import ChildDetails, PersonDetails, PlaceDetails

ADA = ChildDetails(given_name="Ada", family_name="Fictional", dob=date(2012, 5, 4))
BEN = ChildDetails(
    given_name="Benjamin", family_name="Fictional", other_names="Benjy", dob=date(2010, 1, 31),
    nhs_number="9434765919", phone="01632 960 777",
)  # fmt: skip
CLEO = ChildDetails(given_name="Cleo", family_name="Invented")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada was with Benjamin.", ("Benjamin",)),
        ("Ada was with BENJAMIN’S friends and Cleo", ("BENJAMIN’S", "Cleo")),
        ("Ada was with Ben", ("Ben",)),
        ("Ada Fictional was alone", ()),
        ("A boy with NHS number 943 476 5919", ("943 476 5919",)),
        ("Ring 01632-960-777 for her brother", ("01632-960-777",)),
        ("Her brother, born 31/01/2010, was there", ("31/01/2010",)),
        ("Her brother, born 31 January 2010, was there", ("31 january 2010",)),
        ("It was clever of her", ()),
        ("Bennie was there", ("Bennie",)),
        ("The benefit of it", ()),
        ("", ()),
    ],
)
def test_a_name_or_number_of_a_child_who_is_not_covered_is_found(
    policy: Policy, text: str, found: tuple[str, ...]
) -> None:
    others = [traits_of(BEN), traits_of(CLEO)]
    assert gives_away(text, others=others, covered=[traits_of(ADA)], names=policy.names) == found


def test_the_starting_text_leaves_out_every_sentence_that_names_another_child(policy: Policy) -> None:
    text = "Ada got into a car. Benjy and Cleo saw it.\nAda came back late! Cleo did not."
    start = starting_text(
        text, others=[traits_of(BEN), traits_of(CLEO)], covered=[traits_of(ADA)], names=policy.names
    )
    assert start.text == "Ada got into a car. Ada came back late!"
    assert start.left_out == ("Benjy and Cleo saw it.", "Cleo did not.")


def test_a_sentence_that_follows_one_about_another_child_goes_with_it(policy: Policy) -> None:
    text = "Ada was there. She was fine. Cleo came back late. She owes money. Ada saw it. She rang."
    start = starting_text(text, others=[traits_of(CLEO)], covered=[traits_of(ADA)], names=policy.names)
    assert start.text == "Ada was there. She was fine. Ada saw it. She rang."
    assert start.left_out == ("Cleo came back late.", "She owes money.")


def test_with_no_other_child_the_text_stays_as_it_is(policy: Policy) -> None:
    text = "Line one.\n\n- a list  with spaces\n- Ada"
    assert starting_text(text, others=[], covered=[traits_of(ADA)], names=policy.names).text == text


def test_names_in_the_records_count_too(policy: Policy) -> None:
    known = traits_of(CLEO, known_names=("Kleopatra Renamed",))
    assert gives_away("Mrs Renamed rang", others=[known], covered=[traits_of(ADA)], names=policy.names)


def test_an_introduction_says_who_it_is_about_and_no_more() -> None:
    child = ChildDetails(
        given_name="Ada", family_name="Fictional", age=14, notes="Brother is Ben", carer="Mum of Ben",
        address="1 Hidden Street", school="High School",
    )  # fmt: skip
    assert introduce(child) == "Child: Ada Fictional, about 14 years old"
    assert introduce(PlaceDetails(name="The Park", address="Main Road")) == "Place: The Park, Main Road"
    assert (
        introduce(PersonDetails(other_names="Big T", description="tall")) == "Person of concern: Big T, tall"
    )


def test_the_name_of_a_covered_child_may_begin_like_that_of_another(policy: Policy) -> None:
    others = [traits_of(ChildDetails(given_name="Adam"))]
    assert gives_away("Ada was seen", others=others, covered=[traits_of(ADA)], names=policy.names) == ()
