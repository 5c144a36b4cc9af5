"""What must never leave: every name, date of birth, number, address and text that a test run writes.

Whatever writes it, factories, services or the demonstration, goes through a session; there it is gathered.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

SHORTEST_WORD = 3  # letters; shorter ones are part of everything
SHORTEST_NUMBER = 7  # digits, of a telephone without its area
SHORTEST_PHRASE = 8  # characters; a shorter one would be found by chance
#: Names of people at work: what the tests call them is often what they are, and so a word of every message.
OF_ADULTS = frozenset(
    {
        *("app_user.name", "referral.sender_name", "referral.answers.sender_name"),
        "referral.answers.typed.sender.sender_name",
    }
)
_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[ ().-]{0,2}\d)+(?!\d)")
DEMO = Path(__file__).parents[2] / "portal" / "demo" / "data"


class Sort(Enum):
    """How a fact is looked for."""

    NAME = "name"  # each of its words, as a whole word
    DAY = "date of birth"  # in any notation
    NUMBER = "number"  # whatever stands between its digits
    PHRASE = "text"  # as a whole
    PARTS = "answers"  # a tree of the above, by the names of its branches


_COLUMNS: dict[str, dict[str, Sort]] = {
    "child": {
        "given_name": Sort.NAME,
        "family_name": Sort.NAME,
        "dob": Sort.DAY,
        "nhs_number": Sort.NUMBER,
    },
    "child_alias": {"name": Sort.NAME},
    "child_identifier": {"value": Sort.NUMBER},
    "child_statement": {"value": Sort.PHRASE, "postcode": Sort.PHRASE, "detail": Sort.PHRASE},
    "child_correction": {"before": Sort.PARTS, "after": Sort.PARTS},
    "app_user": {"name": Sort.NAME, "phone": Sort.NUMBER},
    "referral": {
        "sender_name": Sort.NAME,
        "sender_contact": Sort.PHRASE,
        "what_happened": Sort.PHRASE,
        "answers": Sort.PARTS,
    },
    "referral_subject": {"details": Sort.PARTS},
    "referral_source": {"text": Sort.PHRASE},
    "invitation": {"external_name": Sort.NAME},
    "meeting": {"place": Sort.PHRASE, "link": Sort.PHRASE},
    "agenda_item": {"heading": Sort.PHRASE},
    "chronology_entry": {"text": Sort.PHRASE},
    "disclosure_text": {"text": Sort.PHRASE},
    "feedback": {"text": Sort.PHRASE},
    "plan_text": {"text": Sort.PHRASE},
    "action": {
        "external_name": Sort.NAME,
        **dict.fromkeys(("what", "measure", "blocked_reason", "done_words", "covered_by"), Sort.PHRASE),
    },
    "action_step": {"words": Sort.PHRASE},
    "action_note": {"text": Sort.PHRASE},
    "case_closure": dict.fromkeys(
        ("words", "reopen_if", "reopen_reason", "withdrawn_reason", "follow_up_name", "follow_up_contact"),
        Sort.PHRASE,
    ),
    "hand_over": {"answers": Sort.PARTS, **dict.fromkeys(("service", "person", "contact"), Sort.PHRASE)},
    "information_request": {"question": Sort.PHRASE, "why": Sort.PHRASE},
    "information_answer": {"text": Sort.PHRASE},
    "access_request": {"reason": Sort.PHRASE},
}

#: What the branches of a tree hold, by their names; a branch below one of these is of the same sort.
_BRANCHES = (
    (re.compile(r"given_name|family_name|known_as|sender_name"), Sort.NAME),
    (re.compile(r"dob$|born|birth"), Sort.DAY),
    (re.compile(r"nhs|phone|mobile"), Sort.NUMBER),
    (re.compile(r"(^|_)names?$|address|postcode|school|gp$|sender_contact|what_happened"), Sort.PHRASE),
    (re.compile(r"value$|detail$|text$|placement"), Sort.PHRASE),
    (re.compile(r"must_know|wishes|risks|support|after_18"), Sort.PHRASE),
)


@dataclass
class Facts:
    """What was gathered, each with what it is of."""

    words: dict[str, str] = field(default_factory=dict)
    days: dict[date, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)

    def add(self, value: object, sort: Sort, source: str) -> None:
        """Remember a value of a sort; None and what is too short to be told apart are passed over."""
        if value is None:
            return
        if sort is Sort.PARTS:
            self._walk(value, source)
        elif sort is Sort.DAY:
            if (day := _day(value)) is not None:
                self.days.setdefault(day, source)
        elif sort is Sort.NUMBER:
            digits = re.sub(r"\D", "", str(value))
            if len(digits) >= SHORTEST_NUMBER:
                self.numbers.setdefault(digits, source)
        elif sort is Sort.NAME:
            for word in words_of(str(value)):
                if source not in OF_ADULTS or word not in self.words:
                    self.words[word] = source
        else:
            self._add_phrase(plain(str(value)), source)

    def add_record(self, table: str, record: object) -> None:
        """Remember what a row of a table holds."""
        for column, sort in _COLUMNS.get(table, {}).items():
            self.add(getattr(record, column, None), sort, f"{table}.{column}")

    def _add_phrase(self, phrase: str, source: str) -> None:
        if len(phrase) >= SHORTEST_PHRASE:
            self.phrases.setdefault(phrase, source)
        for number in numbers_in(phrase):
            self.numbers.setdefault(number, source)

    def _walk(self, value: object, source: str, sort: Sort | None = None) -> None:
        if isinstance(value, Mapping):
            for name, branch in value.items():
                self._walk(branch, f"{source}.{name}", _sort_of(str(name), sort))
        elif isinstance(value, list | tuple):
            for branch in value:
                self._walk(branch, source, sort)
        elif sort is not None:
            self.add(value, sort, source)


def words_of(text: str) -> Iterator[str]:
    """The words of a text that are long enough to be told apart, in small letters."""
    return (word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) >= SHORTEST_WORD)


def numbers_in(text: str) -> Iterator[str]:
    """Every long number in a text, without what stands between its digits."""
    for found in _NUMBER.findall(text):
        digits = re.sub(r"\D", "", found)
        if len(digits) >= SHORTEST_NUMBER:
            yield digits


def plain(text: str) -> str:
    """A text in small letters with single spaces, so that line breaks hide nothing."""
    return " ".join(text.lower().split())


@contextmanager
def gathered(facts: Facts) -> Iterator[None]:
    """Remember what any session writes."""

    def remember(session: Session, _context: object, _instances: object) -> None:
        for record in (*session.new, *session.dirty):
            facts.add_record(str(getattr(record, "__tablename__", "")), record)

    event.listen(Session, "before_flush", remember)
    try:
        yield
    finally:
        event.remove(Session, "before_flush", remember)


def add_demonstration(facts: Facts) -> None:
    """What the demonstration holds, which processes of their own may have loaded.

    Dates of birth are counted back from the day on which it is loaded, so they are not in its files.
    """
    for agency in _read(DEMO / "partnership.toml")["agency"]:
        for person in agency["people"]:
            facts.add(person["name"], Sort.NAME, "demonstration person")
    for path in sorted((DEMO / "children").glob("*.toml")):
        for child in _read(path)["children"]:
            facts.add(" ".join(child["name"]), Sort.NAME, "demonstration child")
            facts.add(child, Sort.PARTS, "demonstration child")
    for path in sorted((DEMO / "forms").glob("*.toml")):
        facts.add(_read(path), Sort.PARTS, "demonstration form")


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _sort_of(branch: str, above: Sort | None) -> Sort | None:
    return next((sort for pattern, sort in _BRANCHES if pattern.search(branch)), above)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
