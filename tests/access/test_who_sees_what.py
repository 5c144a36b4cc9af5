"""The page “Who sees what” says what the policies of reading say, all of them."""

import pytest
from sqlalchemy import Engine, text

from portal.access.predicates import SENTENCES, WORDS
from tests.access import who_sees_what
from tests.structure.source import ROOT

_READING = text("""
select tablename, policyname from pg_policies
 where schemaname = 'public' and cmd in ('SELECT', 'ALL') and policyname <> 'keeper'
   and roles && '{portal_app, public}'::name[]
""")


def test_the_page_is_what_the_command_writes() -> None:
    written = (ROOT / "docs" / "who-sees-what.md").read_text("utf-8")
    assert written == who_sees_what.markdown(), (
        "a rule changed: mend what it says of who, then "
        "python -m tests.access.who_sees_what > docs/who-sees-what.md"
    )


def test_every_policy_by_which_people_read_is_on_the_page(owner: Engine) -> None:
    with owner.connect() as connection:
        there = {tuple(row) for row in connection.execute(_READING)}
    assert len(there) > 100
    assert {(rule.table, rule.policy) for rule in who_sees_what.rules()} == there


def test_every_word_has_its_sentence() -> None:
    assert SENTENCES.keys() == WORDS.keys()
    assert all(("{0}" in sentence) == ("{0}" in WORDS[word]) for word, sentence in SENTENCES.items())


WORDED = "create policy seen on plan for select to portal_app using (FULL(plan.case_id) or HUB);\n"
SAYS_MORE = "create policy seen on plan for select to portal_app using (HUB and plan.state = 'draft');\n"


def test_a_policy_of_words_is_read_out() -> None:
    (rule,) = who_sees_what.read(WORDED, "plans")
    assert rule.grounds == ("whoever has full reach on its case", "whoever is a coordinator of the hub")


def test_a_policy_that_says_more_says_who_beside_it() -> None:
    (rule,) = who_sees_what.read(f"-- who: coordinators,\n--      of a draft\n{SAYS_MORE}", "plans")
    assert rule.grounds == ("coordinators, of a draft",)
    with pytest.raises(LookupError, match="plans: seen on plan: say who, in a comment"):
        list(who_sees_what.read(SAYS_MORE, "plans"))


def test_what_the_words_say_is_not_said_twice() -> None:
    with pytest.raises(LookupError, match="say who in one place"):
        list(who_sees_what.read(f"-- who: coordinators\n{WORDED}", "plans"))


def test_a_rule_that_changes_is_told_by_its_digest() -> None:
    (before,) = who_sees_what.read(f"-- who: coordinators\n{SAYS_MORE}", "plans")
    (after,) = who_sees_what.read(f"-- who: coordinators\n{SAYS_MORE.replace('draft', 'ended')}", "plans")
    assert before.digest != after.digest
