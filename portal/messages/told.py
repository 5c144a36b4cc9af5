"""What a page says of telling: made from what was written, never typed.

`tell` notes here whom it told and who could not be; once the transaction is committed, the next page says so.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, g, has_request_context

from portal import clock
from portal.messages.choices import lowered
from portal.messages.unseen import HiddenWay
from portal.messages.vocabulary import Ground, HandReason, MessageChannel, UntoldReason
from portal.pathway.calendar import offices_are_open
from portal.policy import current_policy
from portal.records.by_hand.rules import by_another, by_hand

#: The category under which the next page finds the sentence.
CATEGORY = "told"
#: The category under which it finds, a line each, the names of which the sentence says only how many.
ALL_NAMES = "told_names"
#: Of grounds that the page does not name; the same whether they have anybody or not.
HIDDEN = "Whoever has to know and may see it is told. The portal does not say who, or if there is anybody."
#: Until when a message of a running meeting is held.
OVER = "when the meeting is over, at the latest"
#: Names on one ground in a sentence; of more it says how many, and all stand in a list that opens below it.
MOST = 6
#: Characters of that list: it travels in a cookie, and of one that is too large browsers keep nothing.
LONGEST = 1_500


@dataclass(frozen=True, kw_only=True)
class Reached:
    """Somebody for whom a message was written.

    Attributes:
        at: when an e-mail goes out.
        held: until when not even the portal shows it, in words: that the meeting is over, for one.
        called: what they are told as, where the step knows better than the ground says.
        phone: where they or their team can be rung; empty where no number is known.
        closed: it may be that nobody reads the address of this team before its hours begin.
        unmanned: nobody of this team has signed in yet, so that nobody there reads the portal.
        ring: numbers, each with whose it is, answered now instead of a closed team, or of a person at night.
        needed_by: they may read it too late, and what it is about begins then.
        in_the_way: why they may not get it themselves, as far as that is known.
        stands_in: who covers the case for them, where whoever tells may know and the e-mail can reach them.
        statutory: nobody switches this kind off, so that somebody has to hear of it.
        somebody_else: of whoever is away, and told in the portal: that whoever covers the case is told there
            too. Of whoever may not see it: that somebody of their agency may, and is told.
    """

    id: UUID
    name: str
    ground: Ground
    channel: MessageChannel
    at: datetime
    called: str = ""
    phone: str = ""
    closed: bool = False
    unmanned: bool = False
    ring: tuple[str, ...] = ()
    needed_by: datetime | None = None
    held: str = ""
    in_the_way: HandReason | None = None
    stands_in: str = ""
    statutory: bool = True
    somebody_else: bool = False

    @property
    def themselves(self) -> bool:
        """Whether it is they who are told; a team or person without an address has no e-mail."""
        no_mail = self.in_the_way is HandReason.ADDRESS and self.channel is MessageChannel.MAIL
        return not no_mail and self.in_the_way not in _NOT_THEMSELVES

    @property
    def as_seen(self) -> "Reached":
        """How they come to it themselves: the e-mail of whoever is away goes to somebody else."""
        mailed = self.channel is MessageChannel.MAIL and self.in_the_way is HandReason.AWAY
        return replace(self, channel=MessageChannel.PORTAL) if mailed else self


@dataclass(frozen=True, kw_only=True)
class NotReached:
    """Somebody who had to be told, and for whom no message could be written. The `hub` is told, which sees to
    it then, or is not; None where that is not its matter.
    """

    name: str  # empty where there is nobody on this ground
    ground: Ground
    reason: UntoldReason
    ring: tuple[str, ...] = ()  # numbers, each with whose it is
    hub: bool | None = True


@dataclass(frozen=True)
class Told:
    """Who was told by one step, and who could not be."""

    reached: tuple[Reached, ...] = ()
    not_reached: tuple[NotReached, ...] = ()
    hidden: frozenset[HiddenWay] = frozenset()
    by_hand: tuple[tuple[str, str], ...] = ()  # whom nobody told, of what: whoever did this owes it
    by_another: tuple[tuple[str, str], ...] = ()  # the same, with who else has to tell them

    @property
    def words(self) -> str:
        """In a sentence or two: “Told by e-mail now, and in the portal: Wanda Worker (leads the case).”"""
        themselves = [one.as_seen for one in self.reached if one.themselves]
        return " ".join(
            [
                *_reached(themselves),
                *_in_the_way(self.reached),
                *_too_late(themselves),
                *_unread(themselves),
                *_hidden(self.hidden),
                *_not(self.not_reached),
                *by_hand(self.by_hand, _listed),
                *by_another(self.by_another),
            ]
        )

    @property
    def all_names(self) -> tuple[str, ...]:
        """A line for each ground of which the sentence does not name all, with everybody on it: as many as
        find room, and of the others how many.
        """
        names: dict[str, dict[str, None]] = {}
        for one in (it for it in self.reached if it.themselves):
            names.setdefault(one.called or one.ground.label, {})[one.name] = None
        if len(self.by_hand) > MOST:
            names["without an account"] = dict.fromkeys(name for name, _ in self.by_hand)
        room = LONGEST // max(1, len(names))
        return tuple(
            f"{ground}: {_fitting(list(of), room)}" for ground, of in names.items() if len(of) > MOST
        )


def _fitting(names: Sequence[str], room: int) -> str:
    fitting, used = 0, 0
    while fitting < len(names) and (used := used + len(names[fitting]) + 2) <= room:
        fitting += 1
    left = len(names) - fitting
    return ", ".join(names[:fitting]) + (f" and {left} more" if left else "")


def note(told: Told) -> None:
    """Keep what one event told for the sentence of this request."""
    if has_request_context():
        _noted().append(told)


def mark() -> int:
    """How much was noted so far, to go back to."""
    return len(_noted()) if has_request_context() else 0


def undone(before: int) -> None:
    """What was written since `mark` said `before` is undone, and so was nobody told of it."""
    if has_request_context():
        del _noted()[before:]


def let_go(at: datetime) -> None:
    """What this request wrote and was held until a meeting is over goes out from `at` on after all."""
    if has_request_context():
        noted = _noted()
        for n, told in enumerate(noted):
            out = (replace(one, held="", at=at) if one.held else one for one in told.reached)
            noted[n] = replace(told, reached=tuple(out))


def say() -> None:
    """Have the next page say who was told by this request, if anybody."""
    together = _taken()
    if words := together.words:
        flash(words, CATEGORY)
        if names := together.all_names:
            flash("\n".join(names), ALL_NAMES)


def take() -> str:
    """Who was told by this request, for an answer that says it itself: no later page says it then."""
    return _taken().words


def _taken() -> Told:
    """All that was noted, once."""
    found = _noted()
    together = Told(
        tuple(_once(one for told in found for one in told.reached)),
        tuple(dict.fromkeys(one for told in found for one in told.not_reached)),
        frozenset(way for told in found for way in told.hidden),
        tuple(dict.fromkeys(pair for told in found for pair in told.by_hand)),
        tuple(dict.fromkeys(pair for told in found for pair in told.by_another)),
    )
    found.clear()
    return together


def _noted() -> list[Told]:
    """What this request wrote so far."""
    noted: list[Told] = g.setdefault("told", [])
    return noted


#: What was read in the portal is in no e-mail afterwards, and whoever wants none has none.
_UNREAD = "to those who get one and have not read it by then"
_STRENGTH = (MessageChannel.MAIL, MessageChannel.PORTAL, MessageChannel.DIGEST, MessageChannel.WEEKLY)


def _once(reached: Iterator[Reached]) -> list[Reached]:
    """Each receiver once, as they are told most strongly: of two e-mails by the one that goes out first."""
    best: dict[UUID, Reached] = {}
    for one in reached:
        before = best.get(one.id)
        if before is None or _weight(one) < _weight(before):
            best[one.id] = one
    return list(best.values())


def _weight(one: Reached) -> tuple[int, bool, datetime]:
    return _STRENGTH.index(one.channel), bool(one.held), one.at


def _reached(reached: Sequence[Reached]) -> Iterator[str]:
    mails = [one for one in reached if one.channel is MessageChannel.MAIL and not one.held]
    for one in (it for it in mails if it.unmanned):
        nobody = f"to {one.name}, where nobody has signed in yet: nobody there can open what it is about"
        yield f"An e-mail goes {when_sent(one.at)} {nobody}. Ring {one.phone or 'them'}."
    mails = [one for one in mails if not one.unmanned]
    for when in _times(one.at for one in mails):
        those = [one for one in mails if when_sent(one.at) == when]
        yield f"Told by e-mail {when}, and in the portal: {_on_grounds(those)}."
    for channel, way in (
        (MessageChannel.PORTAL, "in the portal now"),
        (MessageChannel.DIGEST, f"in the portal now, and in the next morning message {_UNREAD}"),
        (MessageChannel.WEEKLY, f"in the portal now, and in the next weekly message {_UNREAD}"),
    ):
        those = [one for one in reached if one.channel is channel and not one.held]
        if those:
            yield f"Told {way}: {_on_grounds(those)}."
    for words in dict.fromkeys(one.held for one in reached if one.held):
        held = [one for one in reached if one.held == words]
        yield f"Told {words} {when_sent(max(one.at for one in held))}: {_on_grounds(held)}."


def _hidden(ways: Collection[HiddenWay]) -> Iterator[str]:
    """Of grounds that the page does not name: that they are told, and how policy has it for any."""
    if not ways:
        return
    yield HIDDEN
    mails = _times(one.at for one in ways if one.channel is MessageChannel.MAIL)
    how = f"by e-mail {' or '.join(mails)}, and in the portal" if mails else "in the portal"
    yield f"Whoever it is hears of it {how}, also if they are named here."
    yield from [f"Of whoever is away {STANDS_IN}"] if mails else ()


def _times(moments: Iterable[datetime]) -> list[str]:
    """When e-mails leave, in words, each once, the first first."""
    return list(dict.fromkeys(when_sent(at) for at in sorted(moments)))


def _on_grounds(those: Sequence[Reached]) -> str:
    """Names with their ground: each ground once, behind all who are told on it."""
    by_ground: dict[str, list[str]] = {}
    for one in those:
        by_ground.setdefault(one.called or one.ground.label, []).append(one.name)
    return "; ".join(f"{_listed(names)} ({ground})" for ground, names in by_ground.items())


def _in_the_way(reached: Sequence[Reached]) -> Iterator[str]:
    yield from (f"{one.name} {words}" for one in reached if (words := _obstacle(one)))


def _obstacle(one: Reached) -> str:
    """What stands in the way of telling somebody, and what happens instead; empty where nothing does."""
    if one.in_the_way is None:
        return ""
    if one.channel is MessageChannel.MAIL:
        return _of_mail(one, one.in_the_way)
    if one.in_the_way is HandReason.AWAY:
        return _AWAY_IN_PORTAL[one.somebody_else]
    in_message = one.channel in {MessageChannel.DIGEST, MessageChannel.WEEKLY}
    return _NO_MESSAGE if one.in_the_way is HandReason.ADDRESS and in_message else ""


def _of_mail(one: Reached, in_the_way: HandReason) -> str:
    if one.stands_in:
        return f"is away: the e-mail goes to {one.stands_in}, who covers the case."
    if in_the_way is HandReason.NO_REACH and not one.somebody_else:
        return _NOBODY_SEES[one.statutory]
    if in_the_way is HandReason.AWAY and not one.statutory:
        return _AWAY_ELSE_TO_THEM
    numbers = " or ".join(one.ring) or one.phone
    ring = f" Or ring {numbers}." if in_the_way is HandReason.ADDRESS and numbers else ""
    return f"{_BY_MAIL[in_the_way]}{ring}"


def _too_late(reached: Sequence[Reached]) -> Iterator[str]:
    """Whom to ring, because what they are told of begins soon: each with a number."""
    from portal.web.filters import clock_time  # noqa: PLC0415 - the pages that say this import it

    late = [one for one in reached if one.needed_by and one.channel is MessageChannel.MAIL and not one.held]
    if late:
        begins = clock_time(min(one.needed_by for one in late if one.needed_by))
        yield f"Whoever gets the e-mail may not read it before {begins}. Ring: {', '.join(_to_ring(late))}."
        if not _closed(reached) and not offices_are_open(current_policy(), clock.now()):
            yield "It is outside office hours: the number of an office may not be answered now."


def _to_ring(late: Sequence[Reached]) -> Iterator[str]:
    """Whom to ring, each number once: a person without one of their own has that of their team."""
    by_number: dict[str, list[Reached]] = {}
    for one in late:
        by_number.setdefault(one.phone.partition(",")[0], []).append(one)
    for number, those in by_number.items():
        said = those[0].phone if len(those) == 1 else number
        yield f"{_listed([one.name for one in those])} ({said or 'no number is known here'})"


def _closed(reached: Sequence[Reached]) -> list[Reached]:
    """Teams that are told at once, and of which nobody may read it before their hours begin."""
    mailed = (one for one in reached if one.channel is MessageChannel.MAIL and not one.held)
    return [one for one in mailed if one.closed and when_sent(one.at) == "now"]


def _unread(reached: Sequence[Reached]) -> Iterator[str]:
    """Who was told at once and may read it only when their hours begin, and who answers now instead."""
    closed = _closed(reached)
    alone = [] if closed else [one for one in reached if one.ring and when_sent(one.at) == "now"]
    if closed:
        names = _listed([one.name for one in closed])
        yield f"It is outside office hours, and it may be that nobody reads it now at {names}."
    elif alone:
        yield "It is outside office hours, and it may be that none of them reads it now."
    if numbers := list(dict.fromkeys(number for one in closed or alone for number in one.ring)):
        yield f"If it cannot wait, ring {' or '.join(numbers)}."


def _not(not_reached: Sequence[NotReached]) -> Iterator[str]:
    for one in not_reached:
        who = one.name or one.ground.label
        blind = one.name and one.reason is UntoldReason.NO_REACH
        yield f"Not told: {who} ({'may not see it' if blind else lowered(one.reason.label)})."
        if one.hub is not None:
            yield _HUB[one.hub]
        if one.ring:
            yield f"If it cannot wait, ring {' or '.join(one.ring)}."


#: By whether the hub was told of it.
_HUB = {
    True: "The hub has this on its list.",
    False: "Nobody at the hub can be told of it either: see to it yourself that they hear.",
}


#: Why somebody is not told themselves, whatever way policy has for them.
_NOT_THEMSELVES = frozenset({HandReason.LEFT, HandReason.NO_REACH, HandReason.TEAM_CLOSED})

#: As the worker does when the e-mail is to go out (`reminders.still_owed.decide`).
STANDS_IN = "the e-mail goes to whoever stands in, and where nobody can, the hub is told so."
_BY_MAIL = {
    HandReason.AWAY: f"is away: {STANDS_IN}",
    HandReason.LEFT: f"has left: {STANDS_IN}",
    HandReason.ADDRESS: f"cannot be reached by e-mail: {STANDS_IN}",
    HandReason.TEAM_CLOSED: f"is closed: {STANDS_IN}",
    HandReason.NO_REACH: "may not see it: the e-mail goes to somebody there who may.",
}
_AWAY_ELSE_TO_THEM = "is away: the e-mail goes to whoever stands in, and where nobody can, to them."
#: By whether whoever covers the case is told.
_AWAY_IN_PORTAL = {
    True: "is away: whoever covers the case is told in the portal too.",
    False: "is away, and may not read it before they are back.",
}
_NO_MESSAGE = "cannot be reached by e-mail, and finds it in the portal only."
#: By whether it is of a kind that nobody can switch off.
_NOBODY_SEES = {
    True: "may not see it, nor may anybody there: they are not told, and the hub will hear so.",
    False: "may not see it, nor may anybody there: they are not told.",
}


def _listed(names: Sequence[str]) -> str:
    shown = [*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def when_sent(at: datetime) -> str:
    """When an e-mail leaves: now, or from an hour on."""
    from portal.web.filters import clock_time  # noqa: PLC0415 - the pages that say this import it

    if at <= clock.now() + timedelta(minutes=1):
        return "now"
    there = clock.local(at)
    day = "" if there.date() == clock.today() else f" on {there:%A} {there.day} {there:%B}"
    return f"from {clock_time(at)}{day}"
