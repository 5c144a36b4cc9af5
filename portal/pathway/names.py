"""How names are compared: plain words, short forms, sounds, and the keys by which the database finds them.

Under row security only equality and ranges keep their index, so a name is stored as keys that are equal when
names are alike. Every key says its kind before the colon:

``t:``     a word of the name (searched by equality and by the beginning of it)
``p:``     the sound of a word, or of a name that it is a form of
``pair:``  two sounds of one name, in either order
``half:``  one sound and the first sound of another word: finds initials and one mistyped word
``born:``  one sound and three quarters of a date of birth: finds a near date and one wholly different word
``year:``  one sound and a year of birth
``home:``  one sound and a postcode

What is known about names beside their sound is policy ``names``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations

import jellyfish
from unidecode import unidecode

from portal.policy import Names

_MOST_WORDS = 6
_MOST_SOUNDS = 4
_AFTER_Z = "{"
_ABD = "abd"  # Abdul and its spellings: the word after it is often used alone

_RESPELLED = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"^wr", "r"),
        (r"^ma?c(?=[a-z]{4})", "mk"),
        (r"^abd[aeou]{0,2}[lrsnz]?(?=[a-z]{4})", "abd"),
        (r"(?<=..)(ts|dz|c|s|z)k(i|y|a|aya|aja|ij|iy|yi|yj)$", "ski"),
        (r"(?<=...)(o|e)va$", r"\1v"),
        (r"s(z|h)(c(z|h))?", "sh"),
        (r"cz|tsch|tch", "ch"),
        (r"ck|kh|q", "k"),
        (r"ph", "f"),
        (r"igh", "i"),
        (r"gh", "g"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"w", "v"),
        (r"^[jiy](?=[aeiou])", "y"),
        (r"^[aeiou]+y?", "a"),
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class NamePart:
    """One word of a name.

    :ivar text: its plain letters.
    :ivar sounds: what it may sound like, its own sound first.
    :ivar families: the names of the policy that it may stand for.
    :ivar respelled: spellings of one sound written the same way.
    :ivar servant_of: what follows Abdul, respelled.
    """

    text: str
    sounds: tuple[str, ...]
    families: frozenset[str]
    respelled: str
    servant_of: str | None = None


@dataclass(frozen=True)
class SearchTerm:
    """One word that somebody looks for: a name fits when it has one of the keys or one in the range.

    :ivar equal: keys to compare by equality.
    :ivar low: the first key of the range, included.
    :ivar high: the end of the range, not included. Keys sort by code point (collation ``C``).
    """

    equal: frozenset[str]
    low: str
    high: str


def respell(word: str) -> str:
    """A plain word with spellings of one sound, across languages, written the same way."""
    for pattern, by in _RESPELLED:
        word = pattern.sub(by, word)
    return word


def sound(word: str) -> str:
    """A code that plain words share when they sound alike."""
    return jellyfish.metaphone(respell(word)) or word[:1]


def words(name: str, names: Names) -> tuple[str, ...]:
    """The words of a name in plain lower-case letters, without titles, with joiners joined.

    Particles (al, bin, van …) are left out while two other words remain.
    """
    plain = re.sub(r"['`]", "", unidecode(name).lower())
    found = _join([word for word in re.findall(r"[a-z]+", plain) if word not in names.titles], names.joiners)
    core = [word for word in found if word not in names.particles]
    return tuple((core if len(core) > 1 else found)[:_MOST_WORDS])


def parts(name: str, names: Names) -> tuple[NamePart, ...]:
    """The words of a name with what they may sound like and stand for."""
    return tuple(_part(word, names) for word in words(name, names))


def name_keys(name: str, names: Names) -> frozenset[str]:
    """The keys of a name alone: words, sounds, pairs and halves."""
    read = parts(name, names)
    return frozenset(
        {f"t:{part.text}" for part in read}
        | {f"p:{one}" for part in read for one in part.sounds}
        | set(_pairs(read))
        | set(_halves(read))
    )


def birth_keys(name: str, born: date, names: Names) -> frozenset[str]:
    """The keys of a name with a date of birth: exact, swapped, or wrong in one of year, month and day."""
    near = (
        f"{born:%Y-%m}",
        f"{born:%Y--%d}",
        f"{born:%m-%d}",
        f"{born:%Y}/{min(born.day, born.month)}/{max(born.day, born.month)}",
    )
    each = _sounds(name, names)
    return frozenset(f"born:{one}|{part}" for one in each for part in near) | year_keys(
        name, (born.year,), names
    )


def year_keys(name: str, years: Iterable[int], names: Names) -> frozenset[str]:
    """The keys of a name with years of birth."""
    return frozenset(f"year:{one}|{year}" for year in years for one in _sounds(name, names))


def home_keys(name: str, postcode: str, names: Names) -> frozenset[str]:
    """The keys of a name with a postcode. Not for an address that must not be disclosed."""
    return frozenset(f"home:{one}|{postcode.replace(' ', '')}" for one in _sounds(name, names))


def search_terms(typed: str, names: Names) -> tuple[SearchTerm, ...]:
    """What to look for when somebody types a name or the beginning of one, one term for each word.

    A child fits when every term fits. Words of one letter are left out unless there is nothing else.
    """
    read = parts(typed, names)
    telling = [part for part in read if len(part.text) > 1] or read
    return tuple(
        SearchTerm(
            equal=frozenset({f"t:{part.text}"} | {f"p:{one}" for one in part.sounds if len(part.text) > 1}),
            low=f"t:{part.text}",
            high=f"t:{part.text}{_AFTER_Z}",
        )
        for part in telling
    )


def _join(found: list[str], joiners: tuple[str, ...]) -> list[str]:
    joined: list[str] = []
    waiting = ""
    for word in found:
        if word in joiners or waiting + word in joiners:
            waiting += word
        else:
            joined.append(waiting + word)
            waiting = ""
    return [*joined, waiting] if waiting else joined


def _part(word: str, names: Names) -> NamePart:
    families = names.families_of.get(word, frozenset())
    respelled = respell(word)
    after = respelled.removeprefix(_ABD)
    servant_of = after if after and after != respelled else None
    heard = (word, *([servant_of] if servant_of else []), *sorted(families))
    sounds = dict.fromkeys(sound(one) for one in heard)
    return NamePart(word, tuple(sounds)[:_MOST_SOUNDS], families, respelled, servant_of)


def _sounds(name: str, names: Names) -> frozenset[str]:
    return frozenset(one for part in parts(name, names) if len(part.text) > 1 for one in part.sounds)


def _pairs(read: tuple[NamePart, ...]) -> Iterator[str]:
    for one, other in combinations(read, 2):
        for first in one.sounds:
            for second in other.sounds:
                low, high = sorted((first, second))
                yield f"pair:{low}|{high}"


def _halves(read: tuple[NamePart, ...]) -> Iterator[str]:
    for one, other in permutations(read, 2):
        for first in one.sounds if len(one.text) > 1 else ():
            for second in {heard[0] for heard in other.sounds}:
                yield f"half:{first}|{second}"
