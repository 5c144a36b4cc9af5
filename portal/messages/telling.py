"""Telling people that something happened, in the transaction that made it happen.

Who is told of what is policy (`telling.toml`); a service says what happened, and whom it alone knows of. What
the page says of it is made of what was written here (`portal.messages.told`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.types import String, Uuid

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages import told
from portal.messages.choices import (
    NOBODY,
    Choice,
    Choices,
    PeopleOf,
    Timing,
    Whom,
    as_it_will_be,
    choices_of,
    covering_for,
    is_closed,
    lowered,
    names_of,
    numbers_instead,
    numbers_while_closed,
    obstacles_and_sightless,
    obstacles_of,
    outside,
    somebody_there,
    stand_ins_of,
    to_people,
    to_teams,
)
from portal.messages.news import add_news
from portal.messages.told import NotReached, Reached, Told
from portal.messages.unreached import Unreached, in_place_of, lacking, put_on_list
from portal.messages.unseen import Unseen, hidden_ways, parts_of, tell_unseen, told_nothing
from portal.messages.vocabulary import (
    OF_CASE,
    Event,
    Ground,
    HandReason,
    MessageChannel,
    TellBy,
    UntoldReason,
)
from portal.pathway.calendar import add_working_days, end_of_day, offices_are_open
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.records.by_hand.rules import Matter, Outsider
from portal.records.people.model import Team, User
from portal.reminders.receivers import HUB_TEAMS
from portal.reminders.writing import About, Outgoing, Receiver, write_each

__all__ = [
    "NOBODY",
    "About",
    "Given",
    "Outsider",
    "Unseen",
    "Whom",
    "around_case",
    "by_ground",
    "heard_of",
    "of_agencies",
    "outside",
    "soon",
    "tell",
    "to_people",
    "to_teams",
]

Given = Mapping[Ground, Whom]


def tell(
    *,
    actor: Principal,
    event: Event,
    about: About,
    given: Given | None = None,
    once: str = "",
    acknowledges: bool = False,
    at_once: bool = False,
    not_before: datetime | None = None,
    held_until: datetime | None = None,
    before: datetime | None = None,
    held_for: str = told.OVER,
    called: Mapping[Ground, str] | None = None,
    but: Collection[UUID] = (),
    nobody_at: Mapping[Ground, Collection[str]] | None = None,
    unseen: Unseen | None = None,
) -> Told:
    """Tell whomever policy says of something that happened, each once, by the strongest way and best ground.

    The actor is not told what they did themselves, unless an entry for their calendar goes with it, which has
    to be right there too: that tells nobody anything, and the page does not name them for it.

    Args:
        about: what happened to; the grounds of its case are found by the database, whose rules the actor need
            not read.
        given: whom the step itself knows, by ground. Of a ground that it names, nobody else is looked for.
        once: what makes this telling another than an earlier one of the same event about the same subject,
            such as the number of a change.
        acknowledges: it confirms to the actor that what they sent has arrived.
        at_once, not_before, held_until, before, held_for: when it goes out (`portal.messages.choices`).
        called: what the page says of a ground, where the step knows better than its label.
        but: people who know of it otherwise.
        nobody_at: by ground, the authorities at which there is nobody (codes of policy `areas.authorities`);
            with none, nobody has to be told. Any other ground that is required lacks somebody where it has
            nobody at all.
        unseen: how the database finds and tells whoever is on a ground that the page does not name. Without
            it the actor may know who they are, and only the page does not say it.
    """
    ways = current_policy().telling.of(event.code)
    rows = [row for row in ways if unseen is None or row.shown]
    found = _on_grounds(rows, about, given or {})
    know = {*but, *told_nothing()} | (set() if acknowledges or about.method else {actor.user_id})
    choices, people = choices_of(rows, found, know)
    timing = Timing(not_before, held_until, before, held_for, at_once)
    # Of whom the database tells, some are of a team that is told here: it settles how each of them hears.
    left = {who for (_, who), one in choices.items() if unseen and not one.shown}
    written, blind = _write(
        actor,
        event,
        about,
        once,
        {one: choice for one, choice in choices.items() if one[1] not in left},
        people=people,
        timing=timing,
        called=called or {},
        by_others=left,
        by_place=in_place_of(found),
    )
    if unseen:
        tell_unseen(
            parts_of(
                ways,
                event=event,
                about=about,
                once=once,
                timing=timing,
                unseen=unseen,
                but=know,
                told=choices,
            )
        )
    untold = put_on_list(actor=actor, event=event, about=about, those=lacking(rows, found, nobody_at or {}))
    if any(row.by is TellBy.NEWS for row in ways):
        add_news(actor=actor, event=event, about=about)
    outsiders = {row.to: found[row.to].outside for row in rows if row.by is TellBy.HAND}
    owed = _by_hand(actor, event, about, once, outsiders) if any(outsiders.values()) else ()
    what = f"{lowered(event.label)} ({about.reference})" if about.reference else lowered(event.label)
    result = Told(
        tuple(one for one in written if acknowledges or one.id != actor.user_id),
        untold + blind,
        hidden=frozenset(hidden_ways(ways, timing)),
        by_hand=tuple((name, what) for name, teller in owed if not teller),
        by_another=tuple((name, teller) for name, teller in owed if teller),
    )
    told.note(result)
    return result


def heard_of(*events: Event, about: About, once: str | None = None) -> Whom:
    """Who was told before of an event about the same record, whoever told them: for news of how it ended.

    Args:
        once: of what was told so alone, up to its first colon, such as one of several links.
    """
    statement = text("select user_id, team_id from ctx.heard_of(:events, :kind, :subject, :once)").bindparams(
        bindparam("subject", type_=Uuid), bindparam("once", type_=String)
    )
    said = {"events": [one.code for one in events], "kind": about.kind, "subject": about.id, "once": once}
    return _whom(db.session.execute(statement, said).all())


def _on_grounds(rows: Iterable[Tell], about: About, given: Given) -> dict[Ground, Whom]:
    """Everybody on the grounds of some rows."""
    wanted = {row.to for row in rows}
    found = {ground: given.get(ground, NOBODY) for ground in wanted}
    if about.case_id is not None and wanted & OF_CASE - given.keys():
        for ground, those in around_case(about.case_id).items():
            if ground in wanted and ground not in given:
                found[ground] = those
    if Ground.HUB in wanted and Ground.HUB not in given:
        found[Ground.HUB] = to_teams(*db.session.scalars(HUB_TEAMS))
    return found


def around_case(case_id: UUID) -> dict[Ground, Whom]:
    """Who is around a case, by ground, for whoever reads it; of a closely held one only those who read it."""
    statement = text("select * from ctx.hear_of_case(:case_id, :soon)").bindparams(
        bindparam("case_id", type_=Uuid)
    )
    return by_ground(db.session.execute(statement, {"case_id": case_id, "soon": soon()}))


def soon() -> datetime:
    """By when a meeting is soon (policy `telling.soon`): whoever chairs it hears of what comes before it."""
    return end_of_day(add_working_days(clock.today(), current_policy().telling.soon.value))


def by_ground(rows: Iterable[Row[Any]]) -> dict[Ground, Whom]:
    """What a function of the database finds: rows of `ground`, `user_id`, `team_id`, and where it says so
    `instead_of`, in whose place.
    """
    found = defaultdict(list)
    for row in rows:
        found[Ground(row.ground)].append(row)
    return {ground: _whom(those) for ground, those in found.items()}


def of_agencies(whom: Whom, agencies: Collection[UUID]) -> Whom:
    """Those of some persons and teams who belong to one of some agencies."""
    people = select(User.id).where(User.id.in_(whom.people), User.agency_id.in_(agencies))
    teams = select(Team.id).where(Team.id.in_(whom.teams), Team.agency_id.in_(agencies))
    return Whom(frozenset(db.session.scalars(people)), frozenset(db.session.scalars(teams)))


def _whom(rows: Iterable[Row[Any]]) -> Whom:
    rows = list(rows)
    places = ((row.user_id or row.team_id, getattr(row, "instead_of", None)) for row in rows)
    return Whom(
        frozenset(row.user_id for row in rows if row.user_id is not None),
        frozenset(row.team_id for row in rows if row.team_id is not None),
        instead=frozenset((who, lead) for who, lead in places if lead is not None),
    )


def _write(
    actor: Principal,
    event: Event,
    about: About,
    once: str,
    choices: Mapping[tuple[str, UUID], Choice],
    *,
    people: PeopleOf,
    timing: Timing,
    called: Mapping[Ground, str],
    by_others: Collection[UUID] = (),
    by_place: Mapping[tuple[Ground, UUID | None], str],
) -> tuple[tuple[Reached, ...], tuple[NotReached, ...]]:
    """Write the messages; returns whom the page may name: a team without an e-mail if one of it is told; and
    who may not see what they would only be shown.

    Args:
        by_others: people of the teams whom the database tells.
        by_place: what the page says of whoever hears in the place of another.
    """
    of_teams = [one for what, one in choices if what == "team"]
    persons = [one for what, one in choices if what == "person"]
    names = names_of(persons, of_teams)
    gone = [who for who, one in names.items() if not one.active]
    sightless = {who for (_, who), choice in choices.items() if choice.row.needs_no_sight}
    obstacles, no_sight = obstacles_and_sightless(about, persons, of_teams, sightless)
    obstacles |= {who: HandReason.TEAM_CLOSED if who in of_teams else HandReason.LEFT for who in gone}
    choices = as_it_will_be(choices, obstacles)
    deputies = _of_deputies(actor, about, choices, obstacles)
    covered = {one.instead_of for one in deputies.values()}
    choices, names = {**choices, **deputies}, names | names_of([who for _, who in deputies], [])
    stand_ins = stand_ins_of(about, _away(choices, obstacles, by_mail=True), sightless=sightless)
    reminders, now = current_policy().reminders, clock.now()
    at_night = () if offices_are_open(current_policy(), now) else numbers_instead(Ground.HUB)
    outgoing: list[Outgoing] = []
    reached: dict[str, Reached] = {}
    blind: list[Unreached] = []
    for (what, who), choice in choices.items():
        if who not in names:
            continue
        named = names[who]
        sending = timing.sends(urgent=reminders.kinds[choice.row.kind].urgent)
        is_team = what == "team"
        in_the_way = obstacles.get(who)
        closed = is_team and is_closed(named)
        night = at_night if sending.urgent else ()
        if choice.channel is not MessageChannel.MAIL and in_the_way is HandReason.NO_REACH:
            # An e-mail is judged before it goes out; what is only shown is there at once.
            if is_team or choice.shown:
                blind.append(Unreached(choice.row, UntoldReason.NO_REACH, who, named.name, is_team))
            continue
        key = f"{choice.row.kind}:{about.kind}:{about.id}:{once}:{who}"
        if not is_team or choice.channel is MessageChannel.MAIL:
            outgoing.append(
                Outgoing(
                    key=key,
                    kind=choice.row.kind,
                    about=about,
                    to=Receiver(named.agency_id, None if is_team else who, who if is_team else None),
                    channel=choice.channel,
                    urgent=sending.urgent,
                    created_at=now,
                    goes_out=sending.at,
                    caused_by=actor.user_id,
                    event=event.code,
                    ground=choice.ground,
                    last_word=choice.row.needs_no_sight,
                    held_until=timing.held_until,
                )
            )
        if choice.shown:
            said = by_place.get((choice.ground, who)) or called.get(choice.ground, "")
            reached[key] = Reached(
                id=who,
                name=named.name,
                phone=named.phone,
                closed=closed,
                unmanned=is_team and bool(named.unmanned),
                ring=numbers_while_closed(named) if closed else () if is_team else night,
                ground=choice.ground,
                called=choice.called(said, sightless=who in no_sight),
                channel=choice.channel,
                at=sending.at,
                held=timing.held,
                needed_by=None if who == actor.user_id else sending.needed_by,
                in_the_way=in_the_way,
                stands_in=stand_ins.get(who, "") if in_the_way is HandReason.AWAY else "",
                statutory=reminders.kinds[choice.row.kind].statutory,
                somebody_else=who in covered
                or (
                    in_the_way is HandReason.NO_REACH
                    and somebody_there(about, choice.row.kind, named.agency_id, but=who)
                ),
            )
    written = write_each(db.session.connection(), outgoing)
    owed = {one.key for one in outgoing}
    told_too = {*by_others, *(one.to.user_id for one in outgoing if one.key in written)}
    teams = {team for team, members in people.items() if not members.isdisjoint(told_too)}
    named_too = written | {key for key, one in reached.items() if key not in owed and one.id in teams}
    return (
        tuple(one for key, one in reached.items() if key in named_too),
        put_on_list(actor=actor, event=event, about=about, those=blind),
    )


def _of_deputies(
    actor: Principal,
    about: About,
    choices: Mapping[tuple[str, UUID], Choice],
    obstacles: Mapping[UUID, HandReason],
) -> Choices:
    """Whoever covers the case for people who are away and hear of it in the portal or with a digest, which
    the worker does not hand on, hears it in the same way. An e-mail is handed on when it goes out.
    """
    away = _away(choices, obstacles, by_mail=False)
    told_too = {actor.user_id} | {one for what, one in choices if what == "person"}
    covering = {deputy: of for deputy, of in covering_for(about, away).items() if deputy not in told_too}
    sightless = [deputy for deputy, of in covering.items() if away[of].row.needs_no_sight]
    cannot = obstacles_of(about, list(covering), [], sightless=sightless)
    return {
        ("person", deputy): replace(away[of], ground=Ground.DEPUTY, shown=False, instead_of=of)
        for deputy, of in covering.items()
        if cannot.get(deputy) in {None, HandReason.AWAY, HandReason.ADDRESS}
    }


def _away(
    choices: Mapping[tuple[str, UUID], Choice], obstacles: Mapping[UUID, HandReason], *, by_mail: bool
) -> dict[UUID, Choice]:
    """The people among them who are away, of those who are told by e-mail or of the others."""
    return {
        who: choice
        for (what, who), choice in choices.items()
        if what == "person"
        and (choice.channel is MessageChannel.MAIL) is by_mail
        and obstacles.get(who) is HandReason.AWAY
    }


def _by_hand(
    actor: Principal, event: Event, about: About, once: str, to_tell: Mapping[Ground, Iterable[Outsider]]
) -> tuple[tuple[str, str], ...]:
    """Whom the actor has to tell themselves, from now on a duty of theirs; by name, each with the name of who
    else has to tell them, where that is somebody else.
    """
    from portal.records.by_hand.keeping import owe_each  # noqa: PLC0415 - duties tell by this module

    of = partial(Matter, event=event, kind=about.kind, id=about.id, reference=about.reference)
    owed = [
        one.name
        for ground, outsiders in to_tell.items()
        for one in owe_each(
            actor=actor, matter=of(ground=ground, case_id=about.case_id, once=once), outsiders=outsiders
        )
    ]
    tellers = {one.name: one.teller for those in to_tell.values() for one in those if one.teller}
    others = names_of([one for one in tellers.values() if one != actor.user_id], [])
    return tuple((one, others[who].name if (who := tellers.get(one)) in others else "") for one in owed)
