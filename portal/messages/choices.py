"""By which way each of those whom policy tells is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from portal.extensions import db
from portal.messages.obstacles import GONE, only_in_portal
from portal.messages.vocabulary import CHANNELS, Ground, HandReason, MessageChannel, TellBy
from portal.messages.whom import Whom
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.reminders.receivers import members_of


@dataclass(frozen=True)
class Choice:
    """How one receiver is told."""

    row: Tell
    channel: MessageChannel
    ground: Ground
    shown: bool  # the sentence names them; the people of a team stand behind its name
    instead_of: UUID | None = None  # who is away, whom they cover for


#: By what somebody is, “person” or “team”, and who.
Choices = dict[tuple[str, UUID], Choice]
PeopleOf = defaultdict[UUID, set[UUID]]

_LATER = (TellBy.DIGEST, TellBy.WEEKLY)
_STRENGTH = (TellBy.MAIL, TellBy.BELL, *_LATER)


def choices_of(
    rows: Iterable[Tell], found: Mapping[Ground, Whom], not_to: Collection[UUID]
) -> tuple[Choices, PeopleOf]:
    """Each receiver once, by the strongest way and the first ground; and the people of each team."""
    rows, chosen, people = list(rows), dict[tuple[str, UUID], Choice](), PeopleOf(set)
    for row in sorted(rows, key=lambda one: _STRENGTH.index(one.by) if one.by in _STRENGTH else -1):
        if row.by not in CHANNELS:
            continue
        if row.by in _LATER:  # whoever hears of it in the portal is among them by then
            _add_people_of_teams(chosen, people, not_to)
        choice = Choice(row, CHANNELS[row.by], row.to, shown=row.shown)
        for person in sorted(found[row.to].people.difference(not_to)):
            chosen.setdefault(("person", person), choice)
        for team in sorted(found[row.to].teams):
            chosen.setdefault(("team", team), choice)
    _add_people_of_teams(chosen, people, not_to)
    return chosen, people


def _add_people_of_teams(chosen: Choices, people: PeopleOf, not_to: Collection[UUID]) -> None:
    """The people of a team hear in the portal what it is told."""
    told_teams = {team: choice for (what, team), choice in chosen.items() if what == "team"}
    if not told_teams:
        return
    for member in db.session.execute(members_of(told_teams)):
        if member.user_id not in not_to:
            people[member.team_id].add(member.user_id)
            choice = told_teams[member.team_id]
            in_portal = Choice(choice.row, _for_people(choice.channel), choice.ground, shown=False)
            chosen.setdefault(("person", member.user_id), in_portal)


def _for_people(channel: MessageChannel) -> MessageChannel:
    return MessageChannel.PORTAL if channel is MessageChannel.MAIL else channel


def as_it_will_be(
    choices: Mapping[tuple[str, UUID], Choice], obstacles: Mapping[UUID, HandReason]
) -> Choices:
    """Each by the way they will be told: who is gone looks into no portal, so that it is an e-mail, which the
    worker hands on; who wants no e-mail of a kind finds it in the portal.
    """
    kinds = current_policy().reminders.kinds
    mailed = {
        (who, one.row.kind)
        for (what, who), one in choices.items()
        if what == "person" and one.channel is MessageChannel.MAIL and not kinds[one.row.kind].statutory
    }
    unwanted = only_in_portal(mailed)

    def channel(who: UUID, choice: Choice) -> MessageChannel:
        obstacle = obstacles.get(who)
        if obstacle in GONE:
            return MessageChannel.MAIL
        shown = (who, choice.row.kind) in unwanted and obstacle is not HandReason.NO_REACH
        return MessageChannel.PORTAL if shown else choice.channel

    return {(what, who): replace(one, channel=channel(who, one)) for (what, who), one in choices.items()}
