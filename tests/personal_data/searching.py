"""Looks for what must never leave in what was sent."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

import portal
from portal.pathway.references import Prefix
from tests.personal_data.facts import OF_ADULTS, Facts, numbers_in, plain, words_of

#: Where the portal's own words stand, but for the names that its demonstration and its lists of names hold.
_OWN_WORDS = (Path(portal.__file__).parent, Path(portal.__file__).parents[1] / "config")
_NAMES = ("portal/demo/", "config/policy/names.toml", "/names.toml")
#: Words of mails and logs that come from the protocols and libraries below the portal.
_OF_PROTOCOLS = frozenset({"max", "get", "post", "none", "subject", "with", "first", "signed"})

#: What is made at random, in which a short name is chance: identifiers, references, hashes, signatures.
_OPAQUE = re.compile(
    "|".join(
        [
            r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
            rf"\b(?:{'|'.join(Prefix)})(?:-[0-9A-Z]{{4}}){{2}}\b",
            r"\breference [0-9A-Z]{4}-[0-9A-Z]{4}\b",
            r"\b(?:0x)?(?=[a-f]*\d)[0-9a-f]{12,}\b",
            r"\b\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}\b",  # a mail that the demonstration keeps
            r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?:[\w-]{43}|[\w-]{22})(?![\w-])",
            r"\.[\w-]{6}\.[\w-]{27}(?![\w-])",
            r"\b(?:state|nonce|code|code_challenge|asked)=[\w.%-]+",
        ]
    )
)
_ADDRESS = re.compile(r"[\w.+%-]+@[\w.-]+")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = "|".join(f"{month}[a-z]*" for month in _MONTHS)
_DAYS = (
    (re.compile(r"(?<!\d)(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)"), "ymd"),
    (re.compile(r"(?<!\d)(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)"), "dmy"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[ -]({_MONTH})[ ,-]+(\d{{4}}|\d{{2}})(?!\d)"), "dmy"),
    (re.compile(rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)"), "mdy"),
)


def found_in(text: str, facts: Facts) -> Iterator[str]:
    """What a text gives away, each with what it is of.

    An address that a message goes to is not searched for names: it is the receiver's own.
    """
    searched = plain(_OPAQUE.sub(" ", _ADDRESS.sub(" ", text)))
    for word in sorted(set(words_of(searched))):
        source = facts.words.get(word)
        if source is not None and not (source in OF_ADULTS and word in ordinary_words()):
            yield f"the word “{word}” ({source}): …{_around(searched, word)}…"
    for day in sorted(set(days_in(searched))):
        if day in facts.days:
            yield f"the day {day} ({facts.days[day]})"
    for number in sorted(set(numbers_in(searched))):
        if number in facts.numbers:
            yield f"the number {number} ({facts.numbers[number]})"


@cache
def ordinary_words() -> frozenset[str]:
    """The words that the portal itself says, which a message or log has to say all the same.

    Tests call people at work what they are, “Other manager” or “Hub”; such a name gives nobody away. For the
    name of a child there is no exception: tests and demonstration give children names that are no other word.
    """
    files = (path for root in _OWN_WORDS for path in root.rglob("*.*"))
    texts = (
        path.read_text("utf-8")
        for path in files
        if path.suffix in {".py", ".html", ".txt", ".toml", ".md"}
        and not any(names in path.as_posix() for names in _NAMES)
    )
    return frozenset(word for text in texts for word in words_of(text)) | _OF_PROTOCOLS


#: What people may take over from a list of the policy, and what the policy therefore says itself.
OFFERED = "agenda_item.heading"


@cache
def own_sentences() -> str:
    """What the policy says, which a message may have to say too: that a duty is about missing episodes."""
    return "\n".join(
        plain(path.read_text("utf-8")) for path in sorted((_OWN_WORDS[1] / "policy").rglob("*.toml"))
    )


def _around(text: str, word: str) -> str:
    """Where a word stands, to find whoever said it."""
    at = text.find(word)
    return text[max(0, at - 40) : at + len(word) + 40]


def phrases_in(texts: Iterable[tuple[str, str]], facts: Facts) -> Iterator[str]:
    """The longer texts that were given away; all of what was sent is searched at once for each."""
    searched = [(what, plain(text)) for what, text in texts]
    everything = "\n".join(text for _, text in searched)
    for phrase, source in facts.phrases.items():
        if phrase in everything and not (source == OFFERED and phrase in own_sentences()):
            guilty = next((what for what, text in searched if phrase in text), "what was sent")
            yield f"{guilty} holds “{phrase[:60]}” ({source})"


def days_in(text: str) -> Iterator[date]:
    """Every day that a text in small letters names, whatever the notation."""
    for pattern, order in _DAYS:
        for parts in pattern.findall(text):
            named = dict(zip(order, parts, strict=True))
            if (day := _day(named["y"], named["m"], named["d"])) is not None:
                yield day


def search(texts: Iterable[tuple[str, str]], facts: Facts) -> list[str]:
    """Every fact that was given away, and by what."""
    kept = list(texts)
    found = [f"{what} holds {given}" for what, text in kept for given in found_in(text, facts)]
    return found + list(phrases_in(kept, facts))


def _day(year: str, month: str, day: str) -> date | None:
    number = month if month.isdigit() else str(_MONTHS.index(month[:3]) + 1)
    full = f"{datetime.strptime(year, '%y').year}" if len(year) == 2 else year  # noqa: DTZ007 -- a year alone
    try:
        return date(int(full), int(number), int(day))
    except ValueError:
        return None
