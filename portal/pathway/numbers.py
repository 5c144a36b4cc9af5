"""Whom to ring at a moment: an office answers in its hours, and outside them whoever answers in its stead."""

from collections.abc import Iterator
from datetime import datetime

from portal.pathway.calendar import goes_out, hub_is_open
from portal.policy import Contact, ContactKind, Policy


def numbers_at(
    policy: Policy, moment: datetime, *kinds: ContactKind, authority: str | None = None
) -> tuple[Contact, ...]:
    """The numbers of some kinds that are answered at a moment, in the order of policy `hub.contacts`.

    In the place of an office that is closed stands whoever answers then: out of hours for the front door of
    an authority, a front door for the hub. An office for which policy has nobody else stays.

    Args:
        authority: code of policy `areas.authorities`: of the numbers of authorities only this one's.
    """
    found = {
        now.code
        for one in policy.hub.contacts_of(*kinds)
        if authority is None or one.authority in {None, authority}
        for now in _answering(policy, moment, one, authority)
    }
    return tuple(one for one in policy.hub.contacts.offered if one.code in found)


def numbers_of_night(
    policy: Policy, moment: datetime, *, authority: str | None = None
) -> tuple[Contact, ...]:
    """Who answers for social care outside office hours; nobody in them."""
    if offices_are_open(policy, moment):
        return ()
    of_night = policy.hub.contacts_of(ContactKind.OUT_OF_HOURS)
    theirs = tuple(one for one in of_night if one.authority == authority)
    return theirs or of_night


def offices_are_open(policy: Policy, moment: datetime) -> bool:
    """Whether it is within office hours: those in which what is not urgent is sent (`reminders.hours`)."""
    return goes_out(policy.reminders.hours, moment, urgent=False) == moment


def _answering(policy: Policy, moment: datetime, one: Contact, authority: str | None) -> Iterator[Contact]:
    """The contact itself if it is answered then, else whoever is in its stead."""
    if _is_answered(policy, moment, one):
        yield one
        return
    instead = [
        other
        for other in policy.hub.contacts_of(*_INSTEAD[one.kind])
        if (one.authority or authority) in {None, other.authority} and _is_answered(policy, moment, other)
    ]
    yield from instead or [one]


def _is_answered(policy: Policy, moment: datetime, one: Contact) -> bool:
    match one.kind:
        case ContactKind.HUB:
            return hub_is_open(policy.hub, moment)
        case ContactKind.FRONT_DOOR:
            return offices_are_open(policy, moment)
        case ContactKind.OUT_OF_HOURS:
            return not offices_are_open(policy, moment)
        case _:
            return True


_INSTEAD = {
    ContactKind.HUB: (ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
    ContactKind.FRONT_DOOR: (ContactKind.OUT_OF_HOURS,),
    ContactKind.OUT_OF_HOURS: (ContactKind.FRONT_DOOR,),
}
