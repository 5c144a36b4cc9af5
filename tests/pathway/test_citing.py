"""Which entries may be cited, and under what conditions."""

from portal.pathway.citing import may_cite
from portal.vocabulary import Handling


def test_what_the_network_reads_is_cited_without_a_condition() -> None:
    ruling = may_cite(Handling.NETWORK, agency="Police")
    assert ruling.allowed
    assert ruling.conditions == ""


def test_the_conditions_of_an_entry_go_with_the_citation() -> None:
    ruling = may_cite(Handling.NETWORK, agency="Police", conditions=" Not to be told to the family. ")
    assert ruling.conditions == "Not to be told to the family."


def test_one_condition_that_forbids_it_among_others_is_enough_to_refuse() -> None:
    said = "Do not approach anybody\nDo not put into minutes"
    ruling = may_cite(
        Handling.NETWORK, agency="Police", conditions=said, forbidding={"Do not put into minutes"}
    )
    assert not ruling.allowed
    assert "bound by “Do not put into minutes”" in ruling.refusal


def test_what_named_agencies_read_is_cited_only_for_them_and_for_whoever_wrote_it() -> None:
    ruling = may_cite(
        Handling.AGENCIES, agency="Police", listed=("Health trust", "School"), conditions="Ring first."
    )
    assert ruling.allowed
    assert ruling.conditions == "Only for Police, Health trust and School. Ring first."


def test_what_an_agency_keeps_to_itself_is_not_cited() -> None:
    ruling = may_cite(Handling.OWN, agency="Police")
    assert not ruling.allowed
    assert "Only Police" in ruling.refusal


def test_what_its_owner_holds_back_is_not_cited_whoever_may_read_it() -> None:
    assert not may_cite(Handling.NETWORK, agency="Police", held_back=True).allowed
