"""The words of the error pages, by status."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorText:
    """What a person reads: what happened, then what to do."""

    title: str
    lines: tuple[str, ...]
    urgent: bool = False


TEXTS = {
    400: ErrorText(
        "The portal could not understand that",
        (
            "Go back, reload the page and try again.",
            "If you followed a link, check that all of it was copied.",
        ),
    ),
    401: ErrorText(
        "You are signed out", ("For safety, the portal signs you out when you have not used it for a while.",)
    ),
    403: ErrorText(
        "You cannot do that",
        ("Nothing has been changed.", "If you think you should be able to, ask your manager or the hub."),
    ),
    404: ErrorText(
        "Page not found",
        (
            "If you typed the address, check it. If you copied it, check that you copied all of it.",
            "The page may also be about something that is not shared with you. If you need it, ask the hub.",
        ),
    ),
    405: ErrorText(
        "That does not work from here", ("Go back to the page that you came from and use its buttons.",)
    ),
    409: ErrorText(
        "Somebody else changed this first",
        (
            "Nothing of yours has been saved.",
            "Go back and reload the page to see all that it says now.",
        ),
    ),
    413: ErrorText(
        "That is too big to send",
        (
            "Nothing has been saved.",
            "Go back, shorten the longest answer or leave out the file, then send it again.",
        ),
    ),
    415: ErrorText(
        "The portal cannot read that kind of file",
        ("Nothing has been saved.", "Go back and try another file."),
    ),
    422: ErrorText(
        "Something needs to be put right",
        ("Nothing has been saved.", "Go back, check your answers and send them again."),
    ),
    429: ErrorText("That was tried too often", ("Wait a minute, then try again.",)),
    500: ErrorText(
        "Sorry, something went wrong",
        (
            "The fault is ours. Your last step may not have been saved.",
            "Go back and try again in a few minutes.",
        ),
        urgent=True,
    ),
    503: ErrorText("The portal is not available", ("Try again in a few minutes.",), urgent=True),
}

TOO_FAST = ErrorText(
    "Please wait a moment",
    (
        "You have opened, found or downloaded more in a short time than one person can read.",
        "Nothing is lost. Try again when the time is up.",
        "If you need more than that for your work, ring the hub.",
    ),
)

SAY_WHY = ErrorText(
    "Say why before you go on",
    (
        "You have opened, found or downloaded more in an hour than most people do.",
        "Nothing is lost. When you have said why, you can go on at once.",
    ),
)

EXPIRED_FORM = ErrorText(
    "This form was open for too long",
    (
        "It could not be sent, because the page was opened a while ago or in another sign-in.",
        "Nothing has been saved yet.",
    ),
)

#: Somebody who is signed in and has no role: every page of their own is shut to them.
NO_ROLE = ErrorText(
    "You have no role in the portal yet",
    (
        "So no page is open to you, and nobody has done anything wrong.",
        "Ask your manager to have one given to you. An administrator gives roles; some take a second"
        " administrator. Once you have one, reload this page.",
        "If you have to share something about a child before that, ring the hub.",
    ),
    urgent=True,
)

BUSY = ErrorText(
    "Somebody else is working on the same records",
    (
        "The portal could not do both at once. Nothing of yours has been saved.",
        "Send it again now: it counts as soon as the other is done.",
    ),
)

UNREADABLE = ErrorText(
    "The portal cannot read that address",
    (
        "It holds a character that no address of the portal has.",
        "Check that all of it was copied, and nothing else with it. Nothing has been changed.",
    ),
)

UNREADABLE_FORM = ErrorText(
    "The portal cannot keep a character in what you sent",
    (
        "It has no visible form and usually comes with text that was pasted. Nothing has been saved.",
        "It has been taken out below. Check what you typed and send it again, or go back and type that part.",
    ),
)

DATABASE_AWAY = ErrorText(
    "The portal cannot reach its records",
    (
        "What was saved is kept. Your last step may not have been saved.",
        "Try again in a few minutes.",
    ),
    urgent=True,
)

NOBODY_SIGNS_IN = ErrorText(
    "Nobody can sign in just now",
    (
        "The portal cannot reach its records, so it cannot tell which organisations sign in here.",
        "You sign in with your own organisation’s account. This portal never asks for your password.",
        "Try again in a few minutes. Guidance and contacts can be read meanwhile.",
    ),
    urgent=True,
)

PROVIDER_AWAY = ErrorText(
    "Your organisation’s sign-in cannot be reached",
    (
        "The portal works, but the service that your organisation uses to check who you are does not answer.",
        "Try again in a few minutes. If it goes on, tell your own IT service desk.",
        "People of other organisations can still sign in.",
    ),
    urgent=True,
)

UNKNOWN = ErrorText("That did not work", ("Go back and try again.",))

NO_PLACE_IN_LIST = ErrorText(
    "There is no such place in the list",
    ("The end of the address was cut off or changed.", "Open the list from its beginning."),
)
