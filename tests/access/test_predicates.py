"""The words of row policies: each has one definition, is used, and cannot be written wrongly."""

import re
from pathlib import Path

import pytest

from portal.access.install import named, rule_files
from portal.access.predicates import WORDS, expand
from portal.vocabulary import Role

POLICIES = {
    named(path): re.sub(r"\$\$.*?\$\$", "", path.read_text("utf-8"), flags=re.DOTALL) for path in rule_files()
}


def test_a_word_is_written_out_where_it_stands_and_nowhere_else() -> None:
    source = (
        "create policy seen on plan for select using (FULL(plan.case_id) or HUB); -- HUB\n$$ HUB $$ '.HUB'"
    )
    assert expand(source, "x.sql") == (
        "create policy seen on plan for select using (exists (select 1 from case_scope s"
        " where s.case_id = plan.case_id and s.sees = 2 offset 0) or (select ctx.is_coordinator())); -- HUB\n"
        "$$ HUB $$ '.HUB'"
    )


@pytest.mark.parametrize("wrong", ["FULL", "FULL()", "FULL(a, b)", "HUB(a)"])
def test_a_word_with_too_little_or_too_much_says_in_which_file(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"orders/rows\.sql: (FULL|HUB) takes"):
        expand(f"using ({wrong})", "orders/rows.sql")


@pytest.mark.parametrize("wrong", ["FULL(case_id)", "TRIAGES(referral_id)"])
def test_a_column_that_is_looked_up_elsewhere_says_of_which_table_it_is(wrong: str) -> None:
    """There it would be compared with itself, and everybody would see every row."""
    with pytest.raises(ValueError, match=r"orders/rows\.sql: \w+ takes a column with its table"):
        expand(f"using ({wrong})", "orders/rows.sql")


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_used(word: str) -> None:
    assert any(re.search(rf"\b{word}\b", source) for source in POLICIES.values())


def test_a_role_in_a_policy_is_one_that_there_is() -> None:
    named = {name for source in POLICIES.values() for name in re.findall(r"\bROLE\((\w+)\)", source)}
    assert named
    assert named <= {role.value for role in Role}


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_writes_out_what_a_word_says(name: str) -> None:
    """A second definition would go its own way; `ctx` functions are asked in a select of their own."""
    source = re.sub(r"--.*", "", POLICIES[name])
    for word, condition in WORDS.items():
        written = re.escape(condition).replace(r"\ ", r"\s+")
        written = written.replace(re.escape("{0}"), r"[a-z_.]+")
        assert not re.search(rf"(?<![\w.]){written}", source), f"say {word}"


#: Asked once a statement, because the answer is the same for every row and takes long to find.
_WHO_ASKS = re.compile(r"(?<!select )ctx\.(?:readers|my_invitations|invited_to|my_panel_summaries)\(\)")


@pytest.mark.parametrize("file", list(rule_files()), ids=named)
def test_no_row_is_compared_with_what_is_found_anew_for_each(file: Path) -> None:
    """`any ((select ctx.readers())::uuid[])`: without the select the function runs for every row."""
    source = re.sub(r"--.*", "", file.read_text("utf-8"))
    asked = re.findall(rf"any \({_WHO_ASKS.pattern}\)", source)
    assert not asked, f"ask in a select of its own: {asked}"
