"""A short tour for somebody’s first day: what is theirs and what they must do when, by their roles.

Its times are those of the policy, so that it says what holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from portal.access.principal import Principal
from portal.policy import Policy
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role
from portal.web.due_presenter import period_words


@dataclass(frozen=True)
class Stop:
    """One thing to know.

    Attributes:
        goes: endpoint and words of the page that it is about; empty for none.
    """

    title: str
    words: str
    goes: tuple[str, str] | None = None


@dataclass(frozen=True)
class Part:
    """What somebody does in one role."""

    title: str
    stops: Sequence[Stop]


def tour_for(person: Principal, policy: Policy) -> list[Part]:
    """The parts of the tour for the roles of a person, the most usual first."""
    clocks = {one.code: period_words(one) for one in policy.clocks.clocks}
    parts = [_everybody(clocks)] if person.has(*ROLES_THAT_SEE_CASES) else []
    return [*parts, *(made(clocks) for role, made in _PARTS.items() if person.has(role))]


Clocks = Mapping[str, str]


def _everybody(clocks: Clocks) -> Part:
    return Part(
        "Your work",
        (
            Stop(
                "If a child is in danger now, ring 999",
                "Then tell the portal, where it may be read only later.",
            ),
            Stop(
                "What is yours",
                "Today lists what you and your team must do, what is late first, and beneath it your cases. "
                "The hub has Triage in its place. Cases lists all that you can reach.",
                ("work.index", "What is due for you"),
            ),
            Stop(
                "Share a concern",
                "The green button is on every page. In its hours the hub looks at red within "
                f"{clocks['triage_red']}, at amber within {clocks['triage_amber']} and at green within "
                f"{clocks['triage_green']}, and tells you what came of it within {clocks['feedback']} of "
                "deciding. Outside them the page after sending says who looks, if anybody does, and whom to "
                "ring.",
                ("referrals.start", "Share a concern"),
            ),
            Stop(
                "Confirm what you are told",
                f"Open it and confirm: red within {clocks['receipt_red']}, amber within "
                f"{clocks['receipt_amber']}, green within {clocks['receipt_green']}. Else the hub rings.",
                ("disclosures.index", "What you were told"),
            ),
            Stop(
                "Add what you know",
                "Beside each of your cases stands “Add”. You choose who may read it: everyone working on the "
                "case, agencies that you name, or your own alone.",
                ("cases.index", "Your cases"),
            ),
            Stop(
                "Do what you were asked",
                "Actions and questions have a day. Say when you begin an action, when you are stuck and when "
                "it is done; a second person confirms it.",
                ("plans.mine", "Your actions"),
            ),
            Stop(
                "A child is missing",
                "Report it at once. A red band then stands on every page about the child until somebody says "
                "that they are back, for those who may read that the child is missing. Whoever only has an "
                "action or a question about the child may not: ring them.",
                ("missing.index", "Missing or away now"),
            ),
        ),
    )


def _chair(clocks: Clocks) -> Part:
    return Part(
        "As a chair",
        (
            Stop(
                "Your meetings",
                "You call and run them, and read the cases until the minutes have gone out.",
                ("meetings.index", "Meetings"),
            ),
            Stop(
                "Minutes",
                f"A draft within {clocks['minutes_draft']} of the meeting, approved and sent within "
                f"{clocks['minutes']}.",
                ("minutes.index", "Minutes that you received"),
            ),
            Stop(
                "Confirm what was done",
                "What others say that they have done waits for your confirming.",
                ("plans.confirm_several", "Actions to confirm"),
            ),
        ),
    )


def _manager(clocks: Clocks) -> Part:
    return Part(
        "As a manager",
        (
            Stop(
                "My team",
                "Who carries what, who is away and uncovered, and what is late.",
                ("work.team", "My team"),
            ),
            Stop(
                "Sign off",
                f"Assessments of your people wait for you at most {clocks['sign_off']}.",
                ("work.index", "What is due for you"),
            ),
            Stop(
                "When somebody is away",
                "Say who covers, so that what is urgent reaches them.",
                ("work.team", "My team"),
            ),
        ),
    )


def _coordinator(clocks: Clocks) -> Part:
    return Part(
        "In the hub",
        (
            Stop(
                "Triage",
                f"Red comes first and is looked at within {clocks['triage_red']}, nights and weekends "
                "included. “Take the next form” claims the most pressing that nobody holds.",
                ("hub.queue", "Triage"),
            ),
            Stop(
                "Who could not be told",
                "Where no message could reach anybody, you see to it.",
                ("messages.untold", "Who could not be told"),
            ),
        ),
    )


def _governance(_clocks: Clocks) -> Part:
    return Part(
        "In governance",
        (
            Stop(
                "What you see",
                "Who told whom, when and why, and how things run. Never the words about a child.",
                ("disclosures.index", "Sharing ledger"),
            ),
            Stop(
                "Who looked",
                "Who opened, took or changed what, by the reference of a case or by person.",
                ("looks.index", "Who looked"),
            ),
        ),
    )


def _administrator(_clocks: Clocks) -> Part:
    return Part(
        "As an administrator",
        (
            Stop(
                "People and agencies",
                "You invite people and give them roles. Coordinators, governance and administrators need a "
                "second administrator, and nobody changes their own roles.",
                ("admin.index", "Administration"),
            ),
            Stop("What you do not see", "No case and no child."),
        ),
    )


_PARTS: Mapping[Role, Callable[[Clocks], Part]] = {
    Role.COORDINATOR: _coordinator,
    Role.CHAIR: _chair,
    Role.MANAGER: _manager,
    Role.GOVERNANCE: _governance,
    Role.ADMINISTRATOR: _administrator,
}
