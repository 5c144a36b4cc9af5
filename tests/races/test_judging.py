"""The races can find what they look for: each fault, made on purpose, is told."""

import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.vocabulary import Sector
from tests import database
from tests.factories.people import make_agency
from tests.races import judging, reading
from tests.races.holding import meeting
from tests.races.keeping import Change, Kept
from tests.races.racing import WORDS, Outcome
from tests.races.reading import Typing, form_to
from tests.races.scene import Ready, refilled
from tests.races.sending import Answer, Sent

PLACE = ("plans.move", "plans.move")
PAGE = """<form method="post" action="/x"><input type="hidden" name="version" value="{version}">
<textarea name="reason">{words}</textarea></form>"""


def tab(word: str) -> Ready:
    form = Sent("/x", (("version", "1"), ("reason", reading.WORDS.format(word))))
    return Ready(browser=None, page="/x", form=form, typing=Typing(word))  # type: ignore[arg-type] # nothing is sent


def wrote(*words: str, version: int = 2) -> dict[str, Change]:
    row = {"id": "1", "version": 1}
    return {"action": Change(changed=[(row, {"id": "1", "version": version, "reason": " ".join(words)})])}


def alone(word: str) -> Outcome:
    return Outcome((tab(word),), (Answer(303),), wrote(word))


def both(*statuses: int, changes: Any, texts: tuple[str, str] = ("", ""), **more: Any) -> Outcome:
    answers = tuple(Answer(status, said) for status, said in zip(statuses, texts, strict=True))
    return Outcome(tuple(tab(word) for word in WORDS), answers, changes, **more)


def judged(outcome: Outcome) -> list[str]:
    return judging.of_two((alone(WORDS[0]), alone(WORDS[1])), outcome, PLACE)


def test_two_that_are_both_done_are_right_when_both_are_found() -> None:
    assert judged(both(303, 303, changes=wrote(*WORDS, version=3))) == []


def test_a_lost_update_is_told() -> None:
    told = judged(both(303, 303, changes=wrote(WORDS[1], version=2)))
    assert any("what was written is nowhere" in one for one in told)
    assert any("counts 1 of 2 changes" in one for one in told)


def test_an_error_and_two_refusals_are_told() -> None:
    assert judged(both(303, 500, changes=wrote(WORDS[0])))[0].startswith("500")
    assert judged(both(422, 422, texts=WORDS, changes={})) == ["neither was done: (422, 422)"]


def test_a_conflict_has_to_show_the_other_keep_what_was_typed_and_lead_on() -> None:
    shown = " ".join(WORDS)
    right = both(303, 409, changes=wrote(WORDS[0]), texts=("", shown), again={1: Answer(303)})
    assert judged(right) == []
    said = judged(replace(right, answers=(Answer(303), Answer(409, WORDS[1]))))
    assert said == ["plans.move answered 409 without what the other wrote"]
    said = judged(replace(right, answers=(Answer(303), Answer(409, WORDS[0]))))
    assert said == ["plans.move answered 409, and what was typed is gone"]
    assert judged(replace(right, again={})) == ["plans.move answered 409 without a form to send again"]
    said = judged(replace(right, again={1: Answer(409)}))
    assert said == ["plans.move answered 409, and 409 when it was sent again"]


def test_what_a_refusal_forgets_is_told() -> None:
    assert judged(both(303, 422, changes=wrote(WORDS[0]), texts=("", "It has ended"))) == [
        "plans.move answered 422, and what was typed is gone"
    ]


def test_a_doubled_row_is_told() -> None:
    one = replace(alone(WORDS[0]), rows=Counter(note=1, audit_event=1))
    twice = both(303, 303, changes={}, rows=Counter(note=1, audit_event=2))
    assert judging.of_double(one, twice) == []
    assert judging.of_double(one, replace(twice, rows=Counter(note=2))) == [
        "once leaves {'note': 1}, twice {'note': 2}"
    ]


def test_a_conflict_is_sent_again_with_the_version_and_the_words_of_its_page() -> None:
    page = PAGE.format(version=7, words=reading.WORDS.format(WORDS[0]))
    again = refilled(tab(WORDS[0]), Answer(409, page))
    assert again is not None
    assert dict(again.fields) == {"version": "7", "reason": reading.WORDS.format(WORDS[0])}


def test_a_form_is_filled_in_as_it_stands() -> None:
    found = form_to(PAGE.format(version=1, words=""), "/x", "/x")
    assert found is not None
    assert dict(Typing("Ada").fill(found[0]).fields) == {
        "version": "1",
        "reason": reading.WORDS.format("Ada"),
    }
    assert form_to(PAGE, "/x", "/y") is None


@pytest.mark.parametrize("locks", [False, True])
def test_two_meet_before_they_write_and_none_waits_for_one_that_is_locked_out(
    owner: Engine, locks: bool
) -> None:
    """Without a lock both read the same number and one change is lost, each time; with one, none is."""
    with owner.begin() as connection:
        connection.execute(text("create table if not exists race_counter (n int)"))
        connection.execute(text("insert into race_counter values (0)"))

    def count() -> None:
        with owner.begin() as connection:
            held.join()
            asked = text("select n from race_counter for update" if locks else "select n from race_counter")
            seen = connection.execute(asked).scalar_one()
            connection.execute(text("update race_counter set n = :n"), {"n": seen + 1})
        held.leave()

    try:
        for _ in range(5):
            with meeting(owner, owner) as held:
                threads = [threading.Thread(target=count) for _ in range(2)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        with owner.begin() as connection:
            total = connection.execute(text("select n from race_counter")).scalar_one()
        assert total == (10 if locks else 5)
    finally:
        with owner.begin() as connection:
            connection.execute(text("drop table race_counter"))


def test_the_database_is_put_back_as_it_was(app: Flask, owner: Engine) -> None:
    kept = Kept(owner)
    try:
        kept.keep()
        with database.owner_session(owner) as rows:
            make_agency(rows, "X", Sector.POLICE)
        changes, more = kept.changes()
        assert (more, [row["code"] for row in changes["agency"].added]) == (Counter(agency=1), ["x"])
        kept.restore()
        assert kept.changes() == ({}, Counter())
    finally:
        kept.close()
