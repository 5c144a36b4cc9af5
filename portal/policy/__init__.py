"""What the partnership decided: read from ``config/policy``, typed, frozen and dated.

The folder holds one folder for each edition, named by the day from which it holds
(``config/policy/2026-11-01/``). A later edition contains only the files that change; the others hold on.
``authorities/<code>/clocks.toml`` and ``levels.toml`` inside an edition replace single entries for one local
authority. ``docs/policy.md`` describes it for the person who edits the files.

    use(load_book(Path("config/policy")))        # once, at start-up; a bad file stops it
    policy = current_policy()                    # the edition that holds today
    policy.areas.districts.label("high_peak")
    policy.clock(DeadlineKind.TRIAGE, TriageColour.RED)
"""

from collections.abc import Mapping

from portal import clock
from portal.policy.book import Policy, PolicyBook, load, load_book
from portal.policy.intake import Clock, Condition, Contact, Hub, Triage
from portal.policy.reader import Catalogue, Coded, PolicyError
from portal.policy.validators import ContactKind, Figure, IdentifierCheck, Term, Unit
from portal.policy.work import Names, Size, Texts
from portal.vocabulary import Use

__all__ = [
    "Catalogue",
    "Clock",
    "Coded",
    "Condition",
    "Contact",
    "ContactKind",
    "Figure",
    "Hub",
    "IdentifierCheck",
    "Names",
    "Policy",
    "PolicyBook",
    "PolicyError",
    "Size",
    "Term",
    "Texts",
    "Triage",
    "Unit",
    "current_policy",
    "load",
    "load_book",
    "policy_of",
    "use",
    "uses_forbidden",
]

_book: PolicyBook | None = None


def use(book: PolicyBook) -> None:
    """Make a book the one that this process works by."""
    global _book  # noqa: PLW0603 - one policy for each process, set once at start-up
    _book = book


def policy_of(version: str) -> Policy | None:
    """The policy that a record was made under, from the version that it kept.

    None when it has been changed since, or the record names none of ours.

    :raises RuntimeError: start-up did not call :func:`use`.
    """
    return _held().version(version)


def current_policy(authority: str | None = None) -> Policy:
    """The policy that holds today, for the partnership or for one authority.

    :raises RuntimeError: start-up did not call :func:`use`.
    """
    return _held().on(clock.today()).for_authority(authority)


def uses_forbidden() -> Mapping[str, frozenset[Use]]:
    """What each condition forbids, by its words, of every edition: a record keeps the words that bound it.

    :raises RuntimeError: start-up did not call :func:`use`.
    """
    found: dict[str, frozenset[Use]] = {}
    for edition in _held().editions:
        for condition in edition.sharing.conditions:
            for words in (condition.label, condition.code):  # as it is kept now, and as it once was
                found[words] = found.get(words, frozenset()) | set(condition.forbids)
    return found


def _held() -> PolicyBook:
    if _book is None:
        raise RuntimeError("No policy is loaded: call portal.policy.use(load_book(path)) at start-up.")
    return _book
