"""How names are compared: plain words, short forms, sounds, and the keys by which the database finds them.

Under row security only equality and ranges keep their index, so a name is stored as keys that are equal when
names are alike. Every key says its kind before the colon:

``t:``     a part of the name as it is spelled, small words too, and neighbours written together (searched by
           equality and by the beginning of it)
``both:``  two parts of the name as they are spelled
``open:``  the first letters of two parts of the name, in either order (searched by the beginning of
           the second)
``p:``     the sound of a word, or of a name that it is a form of
``pair:``  two sounds of one name, in either order
``half:``  one sound and the first sound of another word: finds initials and one mistyped word
``born:``  one sound and three quarters of a date of birth: finds a near date and one wholly different word
``year:``  one sound and a year of birth
``y:``     a year of birth and the first letters of a part of the name (searched by the beginning of them)
``home:``  one sound and a postcode

What is known about names beside their sound is policy ``names``.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import chain, combinations, islice, pairwise, permutations, product
from string import ascii_lowercase

import jellyfish

from portal.pathway.characters import latin
from portal.policy import Names

#: Of what is made into keys, counted up by whoever changes it: keys that are kept are then of older rules.
EDITION = 2
#: Keys that one name has at the most. The plainest come first: a name without end is still found by them.
MOST_KEYS = 400

#: Letters from which on a word may have one wrong and still be the same.
SHORT_WORD = 4

_MOST_WORDS = 6
_MOST_PIECES = 12
_MOST_TOGETHER = 3  # neighbours that are written together: Vandenberg
_OPENING = 3  # letters
_MOST_SOUNDS = 4
_AFTER_Z = "{"
_ABD = "abd"  # Abdul and its spellings: the word after it is often used alone

_RESPELLED = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"^wr", "r"),
        (r"^ma?c(?=[a-z]{4})", "mk"),
        (r"^abd[aeiou]{0,2}(?:l|([rsnz])(?=\1))?(?=[a-z]{4})", "abd"),
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

    :ivar part: the word itself.
    :ivar together: the word with its neighbours, written as one.
    :ivar low: the first key of the range, included.
    :ivar high: the end of the range, not included. Keys sort by code point (collation ``C``).
    """

    part: NamePart
    together: frozenset[str]
    low: str
    high: str

    @property
    def text(self) -> str:
        """The word in plain letters."""
        return self.part.text

    @property
    def sounds(self) -> tuple[str, ...]:
        """What the word sounds like, alone and with its neighbours."""
        return (*self.part.sounds, *(sound(one) for one in sorted(self.together)))

    @property
    def equal(self) -> frozenset[str]:
        """The keys to compare by equality. A single letter has no sound that tells anything."""
        spelled = {f"t:{one}" for one in (self.text, *self.together)}
        return frozenset(spelled | {f"p:{one}" for one in self.sounds} if len(self.text) > 1 else spelled)


@dataclass(frozen=True)
class PairKeys:
    """Two words that somebody looks for, together.

    :ivar spelled: keys of names that have both as they are spelled, or written as one.
    :ivar sounding: keys of names that have both as they sound.
    :ivar low: the first key of names that begin like both, included.
    :ivar high: the end of that range, not included.
    """

    spelled: frozenset[str]
    sounding: frozenset[str]
    low: str
    high: str


def rules_of_keys(names: Names) -> str:
    """What tells the rules of keys from earlier ones: they follow from this file and policy `names`."""
    families = {name: sorted(forms) for name, forms in names.families.items()}
    said = (EDITION, names.titles, names.particles, names.joiners, sorted(families.items()))
    return sha256(json.dumps(said).encode()).hexdigest()


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
    plain = re.sub(r"['`]", "", latin(name))
    found = _join([word for word in re.findall(r"[a-z]+", plain) if word not in names.titles], names.joiners)
    core = [word for word in found if word not in names.particles]
    return tuple((core if len(core) > 1 else found)[:_MOST_WORDS])


def parts(name: str, names: Names) -> tuple[NamePart, ...]:
    """The words of a name with what they may sound like and stand for."""
    return tuple(_part(word, names) for word in words(name, names))


def pieces(name: str) -> tuple[str, ...]:
    """Every part of a name in plain lower-case letters, whatever stands between them; small words too."""
    return tuple(re.findall(r"[a-z]+", latin(name))[:_MOST_PIECES])


def spellings(name: str) -> frozenset[str]:
    """Every part of a name, and neighbours written together: Anne-Marie is Anne, Marie and Annemarie."""
    read = pieces(name)
    return frozenset(read) | {word for _, word in _together(read)}


def is_small(word: str, names: Names) -> bool:
    """Whether a word is a title or a particle: people leave it out, or write it where there is none."""
    return word in names.titles or word in names.particles


def name_keys(name: str, names: Names) -> frozenset[str]:
    """The keys of a name alone: spellings, sounds, pairs and halves; at most :data:`MOST_KEYS`."""
    read = parts(name, names)
    each = chain(
        (f"t:{one}" for one in sorted(spellings(name) | {part.text for part in read})),
        _spelled_pairs(name, names),
        (f"p:{one}" for part in read for one in part.sounds),
        (f"p:{sound(one.text + other.text)}" for one, other in pairwise(read)),
        _pairs(read),
        _halves(read),
    )
    return frozenset(islice(dict.fromkeys(each), MOST_KEYS))


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


def opening_keys(name: str, born: date) -> frozenset[str]:
    """The keys of the beginnings of a name with a year of birth."""
    return frozenset(f"y:{born:%Y}|{one[:_OPENING]}" for one in spellings(name))


def together_keys(name: str, names: Names) -> frozenset[str]:
    """Two sounds of a name, to be found apart among those of another (``two:``), of which either may have one
    word in two: Anne Marie, Annemarie.
    """
    read = parts(name, names)
    joined = [
        (sound(one.text + other.text), rest)
        for at, (one, other) in enumerate(pairwise(read))
        for rest in (*read[:at], *read[at + 2 :])
    ]
    apart = {(one, other) for a, b in combinations(read, 2) for one in a.sounds for other in b.sounds}
    apart |= {(one, other) for one, rest in joined for other in rest.sounds}
    return frozenset(f"two:{one}|{other}" for one, other in apart)


def slip_keys(name: str, names: Names) -> Iterator[str]:
    """Keys of what a name may stand for where a date of birth bears it out: one with a letter wrong in one
    word, one that the form has an initial of, and one that it has one word of.
    """
    read = parts(name, names)
    if len(read) == 1:
        yield f"t:{read[0].text}"
    for one, other in permutations(read, 2):
        if len(other.text) == 1:
            yield from (f"half:{heard}|{other.sounds[0][0]}" for heard in one.sounds)
        elif len(one.text) > 1 and len(other.text) >= SHORT_WORD:
            yield from (_both(one.text, slip) for slip in _slips(other.text))


def home_keys(name: str, postcode: str, names: Names) -> frozenset[str]:
    """The keys of a name with a postcode. Not for an address that must not be disclosed."""
    return frozenset(f"home:{one}|{postcode.replace(' ', '')}" for one in _sounds(name, names))


def search_terms(typed: str, names: Names) -> tuple[SearchTerm, ...]:
    """What to look for when somebody types a name or a part of one, one term for each word.

    A child fits when every term fits. Titles, particles and single letters are left out unless there is
    nothing else: who types them may write them where the record has none.
    """
    read = pieces(typed)
    long = [at for at, word in enumerate(read) if len(word) > 1]
    telling = [at for at in long if not is_small(read[at], names)] or long or range(len(read))
    return tuple(_term(read, at, names) for at in telling)


def pair_keys(one: SearchTerm, other: SearchTerm) -> PairKeys:
    """The keys by which the database finds two words together. The first tells more when it is the longer."""
    spelled = {_both(one.text, other.text)} | {f"t:{word}" for word in one.together & other.together}
    sounding = {f"pair:{'|'.join(sorted(pair))}" for pair in product(one.sounds, other.sounds)}
    low = f"open:{one.text[:_OPENING]}|{other.text[:_OPENING]}"
    return PairKeys(frozenset(spelled), frozenset(sounding), low, f"{low}{_AFTER_Z}")


def year_range(term: SearchTerm, year: int) -> tuple[str, str]:
    """The range of the keys of a year of birth and names that begin like a word."""
    low = f"y:{year}|{term.text[:_OPENING]}"
    return low, f"{low}{_AFTER_Z}"


def _term(read: tuple[str, ...], at: int, names: Names) -> SearchTerm:
    part = _part(read[at], names)
    together = frozenset(word for places, word in _together(read) if at in places)
    low = f"t:{part.text}"
    return SearchTerm(part, together, low, f"{low}{_AFTER_Z}")


def _together(read: tuple[str, ...]) -> Iterator[tuple[range, str]]:
    """Neighbours written as one, with the places of those that it is made of."""
    for start in range(len(read)):
        for end in range(start + 2, min(start + _MOST_TOGETHER, len(read)) + 1):
            yield range(start, end), "".join(read[start:end])


def _spelled_pairs(name: str, names: Names) -> Iterator[str]:
    telling = [word for word in pieces(name) if len(word) > 1 and not is_small(word, names)][:_MOST_WORDS]
    for one, other in combinations(telling, 2):
        yield _both(one, other)
    for one, other in permutations(telling, 2):
        yield f"open:{one[:_OPENING]}|{other[:_OPENING]}"


def _both(one: str, other: str) -> str:
    return f"both:{'|'.join(sorted((one, other)))}"


def _slips(word: str) -> frozenset[str]:
    """Every word one letter from a plain one: one left out, added, or another, or two changed about."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {one + rest[1:] for one, rest in halves if rest}
    changed_about = {one + rest[1] + rest[0] + rest[2:] for one, rest in halves if len(rest) > 1}
    another = {one + letter + rest[1:] for one, rest in halves if rest for letter in ascii_lowercase}
    added = {one + letter + rest for one, rest in halves for letter in ascii_lowercase}
    return frozenset(left_out | changed_about | another | added)


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
