"""What a person is told whose sign-in was refused: what they can do about it, and no more."""

from dataclasses import dataclass

from portal.access.sign_in.errors import Refusal


@dataclass(frozen=True)
class Words:
    """One page: what happened, what to do, and its HTTP status."""

    title: str
    lines: tuple[str, ...]
    status: int = 400


AGAIN = Words(
    "You were not signed in",
    (
        "The sign-in was started in another browser, was finished before, or took longer than 10 minutes.",
        "Start again from this page.",
    ),
)
DECLINED = Words(
    "Your organisation did not sign you in",
    (
        "You may have cancelled, or your account may not be set up for this portal.",
        "Try again, or ask your own IT service desk.",
    ),
    403,
)
FAILED = Words(
    "We could not be sure who you are",
    (
        "What your organisation sent back did not pass our checks, so you were not signed in.",
        "Try once more. If it happens again, tell the hub and your own IT service desk.",
    ),
    403,
)
WEAK = Words(
    "You need to sign in with a second step",
    (
        "Your organisation signed you in, but not strongly enough, or too long ago.",
        "Sign out of your organisation’s account, then try again with your authenticator, code or key.",
    ),
    403,
)
UNKNOWN = Words(
    "You do not have access",
    (
        "Your organisation signed you in, but this account was not invited, or its access has ended.",
        "Ask your manager to invite you. If you were invited, open the link in the invitation first.",
        "If you have something to tell about a child, do not wait for access: ring the hub.",
    ),
    403,
)
INVITATION = Words(
    "This invitation cannot be used",
    (
        "It may have been used already, be older than 14 days, or be for another organisation.",
        "Your account may also be known here already. Ask whoever invited you for a new link.",
    ),
    403,
)

_WORDS = {
    Refusal.ATTEMPT: AGAIN,
    Refusal.REPLAYED: AGAIN,
    Refusal.DECLINED: DECLINED,
    Refusal.WEAK: WEAK,
    Refusal.STALE: WEAK,
    Refusal.UNKNOWN: UNKNOWN,
    Refusal.INVITATION: INVITATION,
}


def words_for(reason: Refusal) -> Words:
    """The page for a refusal; checks that only an attack or a fault fails share one."""
    return _WORDS.get(reason, FAILED)
