"""Which entries may be cited, and under what conditions."""

from portal.records.entries.rules import Graded, bounds, may_cite
from portal.records.entries.vocabulary import Handling
from portal.vocabulary import Use


def test_what_the_network_reads_is_cited_without_a_condition() -> None:
    ruling = may_cite(Handling.NETWORK, agency="Police")
    assert ruling.allowed
    assert ruling.conditions == ""


def test_the_conditions_of_an_entry_go_with_the_citation() -> None:
    told = bounds(conditions=" Not to be told to the family. ", rules={})
    ruling = may_cite(Handling.NETWORK, agency="Police", bounds=told)
    assert ruling.conditions == "Not to be told to the family."


def test_one_condition_that_forbids_it_among_others_is_enough_to_refuse() -> None:
    said = "Do not approach anybody\nDo not put into minutes"
    told = bounds(conditions=said, rules={"Do not put into minutes": [Use.CITE, Use.PRINT]})
    ruling = may_cite(Handling.NETWORK, agency="Police", bounds=told)
    assert not ruling.allowed
    assert "bound by “Do not put into minutes”" in ruling.refusal


def test_what_named_agencies_read_is_cited_only_for_them_and_for_whoever_wrote_it() -> None:
    told = bounds(conditions="Ring first.", rules={})
    ruling = may_cite(Handling.AGENCIES, agency="Police", listed=("Health trust", "School"), bounds=told)
    assert ruling.allowed
    assert ruling.conditions == "Only for Police, Health trust and School. Ring first."


def test_what_an_agency_keeps_to_itself_is_not_cited() -> None:
    ruling = may_cite(Handling.OWN, agency="Police")
    assert not ruling.allowed
    assert "Only Police" in ruling.refusal


def test_what_the_police_have_not_released_is_not_cited_whoever_may_read_it() -> None:
    graded = Graded("For reading only", frozenset({Use.CITE}), released=False)
    ruling = may_cite(
        Handling.NETWORK, agency="Police", bounds=bounds(conditions=None, rules={}, graded=graded)
    )
    assert not ruling.allowed
    assert "The police have not released" in ruling.refusal
