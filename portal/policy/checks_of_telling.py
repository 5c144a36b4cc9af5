"""What ``meetings.toml``, ``reminders.toml`` and ``telling.toml`` have to agree on, and with the program."""

import re
from pathlib import Path

from portal import registry
from portal.messages.vocabulary import Ground, MessageRecipient, TellBy
from portal.policy.intake import Clock
from portal.policy.reader import Catalogue, PolicyError
from portal.policy.telling import (
    Ladder,
    MeetingOn,
    Meetings,
    MessageKind,
    Reminders,
    ReminderStep,
    RungWhen,
    Tell,
    Telling,
    TellsOf,
)
from portal.policy.validators import Unit, exists, positive

#: The kinds of messages that the program sends by their codes. The rungs of ladders name theirs themselves.
USED_KINDS = frozenset(
    {
        "interview_shared",
        *("red_form", "form_received", "form_question", "form_message", "feedback"),
        *("unsent_draft", "unsent_draft_of_team", "given", "action_given", "action_news"),
        "concern_shown",
        *("told", "shared", "asked", "answered", "access_asked", "access_answered"),
        *("invited", "meeting_changed", "meeting_cancelled", "meeting_uninvited", "meeting_reply"),
        *("minutes_draft", "minutes_correction", "minutes_answered", "minutes_given"),
        *("missing_reported", "missing_returned"),
        *("panel_asked", "panel_news", "panel_papers"),
        *("digest", "team_digest", "address_failed", "minutes_unopened"),
        *(
            "work_left",
            "team_left",
            "nobody_told",
            "nobody_told_urgent",
            "not_told",
            "not_opened",
            "not_opened_urgent",
        ),
    }
)

#: The roles that the program gives people of a meeting by their codes.
USED_ROLES = ("chair", "note_taker")

_CODE = re.compile(r"[a-z0-9_]+")
_LONGEST_SUBJECT = 78  # characters, which fit one header line (RFC 5322, section 2.1.1)


def check_meetings(meetings: Meetings, file: Path) -> None:
    """Everything that one entry of ``meetings.toml`` cannot show by itself.

    :raises PolicyError: at the first thing that does not fit.
    """
    for code in USED_ROLES:
        role = meetings.roles.get(code)
        if role is None or role.outside or role.retired:
            raise PolicyError(
                file,
                "roles",
                f"Every meeting has a “{code}”, who has an account.",
                f'Add [[roles]] with code = "{code}", without outside or retired.',
            )
    for on in MeetingOn:
        if not any(kind.on is on for kind in meetings.kinds.offered):
            raise PolicyError(file, "kinds", f"No meeting is on {on}.", f'Add [[kinds]] with on = "{on}".')


def check_reminders(reminders: Reminders, clocks: Catalogue[Clock], file: Path) -> None:
    """Everything that one entry of ``reminders.toml`` cannot show by itself.

    :raises PolicyError: at the first thing that does not fit.
    """
    _hours(reminders, file)
    _kinds(reminders, file)
    _ladders(reminders, clocks, file)


def check_telling(telling: Telling, reminders: Reminders, file: Path) -> None:
    """Everything that one entry of ``telling.toml`` cannot show by itself: an event without a row, a row
    without an event, a row that could not do what it says.

    :raises PolicyError: at the first thing that does not fit.
    """
    known, seen = registry.events(), set[str]()
    for number, one in enumerate(telling.events, start=1):
        at = f"events[{number}]"
        if one.event not in known:
            raise PolicyError(
                file,
                f"{at}.event",
                f"Nothing that happens in the portal is called “{one.event}”.",
                f"Use one of: {', '.join(known)}.",
            )
        if one.event in seen:
            raise PolicyError(
                file, f"{at}.event", f"“{one.event}” is there twice.", "Write all who are told in one list."
            )
        seen.add(one.event)
        if not one.tells:
            raise PolicyError(file, f"{at}.tells", "It tells nobody.", "Add who is told.")
        for place, tell in enumerate(one.tells, start=1):
            _tell(tell, reminders, file, f"{at}.tells[{place}]")
        if one.must_be_opened:
            _must_be_opened(one, reminders, file, at)
    if missing := [code for code in known if code not in seen]:
        raise PolicyError(
            file,
            "events",
            f"Nobody is told of “{missing[0]}”.",
            f'Add [[events]] with event = "{missing[0]}" and who is told.',
        )


def _must_be_opened(one: TellsOf, reminders: Reminders, file: Path, at: str) -> None:
    mails = [tell for tell in one.tells if tell.by is TellBy.MAIL]
    if not mails or any(not reminders.kinds[tell.kind].statutory for tell in mails):
        raise PolicyError(
            file,
            f"{at}.must_be_opened",
            "Only what comes by e-mail and cannot be switched off can be passed on unopened.",
            'Tell somebody by = "mail", of kinds that are statutory, or remove must_be_opened.',
        )


def _tell(tell: Tell, reminders: Reminders, file: Path, at: str) -> None:
    if (tell.by is TellBy.HAND) != (tell.to is Ground.OUTSIDE):
        raise PolicyError(
            file,
            f"{at}.by",
            "Whoever has no account is told by hand, and nobody else is.",
            'Write to = "outside" and by = "hand" together.',
        )
    if tell.by in {TellBy.NEWS, TellBy.HAND}:
        if tell.kind:
            raise PolicyError(
                file, f"{at}.kind", "What is news, or told by hand, has no message.", "Remove kind."
            )
        return
    exists(tell.kind, reminders.kinds.offered, file, f"{at}.kind")
    kind = reminders.kinds[tell.kind]
    if kind.urgent and tell.by is not TellBy.MAIL:
        raise PolicyError(file, f"{at}.by", f"“{kind.code}” is urgent and cannot wait.", 'Write by = "mail".')
    if tell.last_word and not kind.ended:
        raise PolicyError(
            file,
            f"{at}.last_word",
            f"“{kind.code}” may say more than that something ended, to somebody who may no longer see it.",
            "Use a kind with ended = true, or remove last_word.",
        )


def _hours(reminders: Reminders, file: Path) -> None:
    hours = reminders.hours
    if hours.opens >= hours.closes:
        raise PolicyError(file, "hours.closes", "It closes before it opens.", "Write a later time.")
    if hours.notice_hours < 1:
        raise PolicyError(
            file, "hours.notice_hours", "An e-mail would come as it begins.", "Write at least 1 hour."
        )
    if not hours.opens <= hours.day_starts < hours.closes:
        raise PolicyError(
            file,
            "hours.day_starts",
            "Reminders would fall outside the hours and wait.",
            "Write a time between opens and closes.",
        )
    if reminders.digest.at >= hours.closes:
        raise PolicyError(file, "digest.at", "The day is over by then.", "Write a time before hours.closes.")


def _kinds(reminders: Reminders, file: Path) -> None:
    for code in sorted(USED_KINDS):
        if code not in {kind.code for kind in reminders.kinds.offered}:
            raise PolicyError(
                file,
                "kinds",
                f"The portal sends “{code}”, and it is missing or retired.",
                f'Add [[kinds]] with code = "{code}".',
            )
    for number, kind in enumerate(reminders.kinds, start=1):
        _words(kind, file, f"kinds[{number}]")


def _words(kind: MessageKind, file: Path, at: str) -> None:
    for name in ("subject", "line"):
        words: str = getattr(kind, name)
        if any(mark in words for mark in "{}%\n\r"):
            raise PolicyError(
                file,
                f"{at}.{name}",
                "Nothing is filled in here: a message says the same to everyone.",
                "Write one plain line without { } or %.",
            )
    if len(kind.titled(urgent=True)) > _LONGEST_SUBJECT:
        raise PolicyError(
            file, f"{at}.subject", "It is too long for a subject line.", f"Use {_LONGEST_SUBJECT} characters."
        )
    if kind.together and kind.urgent:
        raise PolicyError(
            file, f"{at}.together", "What is urgent is an e-mail of its own.", "Remove together or urgent."
        )
    if not kind.hint:
        raise PolicyError(
            file, f"{at}.hint", "The preferences page could not say what this is.", "Add a hint."
        )


def _ladders(reminders: Reminders, clocks: Catalogue[Clock], file: Path) -> None:
    taken: dict[tuple[str | None, ...], str] = {}
    kinds = {kind for kind, record in registry.records().items() if record.duty}
    for number, ladder in enumerate(reminders.ladders, start=1):
        at = f"ladders[{number}]"
        if ladder.clock is not None:
            exists(ladder.clock, clocks, file, f"{at}.clock")
        if ladder.clock is not None and ladder.deadline is not None:
            raise PolicyError(file, at, "It names a clock and a kind.", "Keep clock or deadline, not both.")
        if ladder.about is not None and ladder.deadline is None:
            raise PolicyError(
                file, f"{at}.about", "It limits no kind.", "Name the kind with deadline, or remove about."
            )
        if ladder.about is not None and ladder.about not in kinds:
            raise PolicyError(
                file,
                f"{at}.about",
                f"Nothing of this name can be owed anything: “{ladder.about}”.",
                f"Use one of: {', '.join(sorted(kinds))}.",
            )
        names = (ladder.clock, ladder.deadline, ladder.about)
        if names in taken and not ladder.retired:
            raise PolicyError(
                file,
                at,
                f"“{taken[names]}” already holds for the same duties.",
                "Name one clock or one deadline, limited by about or not; only one ladder names neither.",
            )
        if not ladder.retired:
            taken[names] = ladder.code
        _rungs(ladder, reminders, file, at)
    if (None, None, None) not in taken:
        raise PolicyError(
            file,
            "ladders",
            "Duties of other kinds would be brought to nobody’s mind.",
            "Add one [[ladders]] without clock and deadline.",
        )


def _rungs(ladder: Ladder, reminders: Reminders, file: Path, ladder_at: str) -> None:
    if not ladder.rungs:
        raise PolicyError(file, f"{ladder_at}.rungs", "It has no rungs.", "Add [[ladders.rungs]].")
    seen: set[str] = set()
    for number, rung in enumerate(ladder.rungs, start=1):
        at = f"{ladder_at}.rungs[{number}]"
        if not _CODE.fullmatch(rung.code) or rung.code in seen:
            raise PolicyError(
                file,
                f"{at}.code",
                f"“{rung.code}” cannot be a code here.",
                "Use small letters, digits and _, and another code for each rung of a ladder.",
            )
        seen.add(rung.code)
        exists(rung.kind, reminders.kinds.offered, file, f"{at}.kind")
        if not rung.to:
            raise PolicyError(file, f"{at}.to", "It tells nobody.", 'Name somebody, such as "owner".')
        _counted(rung, file, at)
        _by(rung, reminders, file, at)


def _by(rung: ReminderStep, reminders: Reminders, file: Path, at: str) -> None:
    if rung.by is TellBy.MAIL:
        return
    if rung.by is not TellBy.DIGEST:
        raise PolicyError(file, f"{at}.by", f"A rung is not told by {rung.by}.", "Use mail or digest.")
    # The hub, which neither owes it nor stands above whoever does, can hear in the morning that it is late.
    if rung.when is not RungWhen.BEFORE and set(rung.to) != {MessageRecipient.HUB}:
        raise PolicyError(
            file, f"{at}.by", "What is due or late does not wait for a morning.", "Remove by, or use before."
        )
    if reminders.kinds[rung.kind].urgent:
        raise PolicyError(
            file, f"{at}.by", f"“{rung.kind}” is urgent and cannot wait.", "Remove by, or use another kind."
        )


def _counted(rung: ReminderStep, file: Path, at: str) -> None:
    if rung.unit not in {Unit.ELAPSED_HOURS, Unit.WORKING_DAYS}:
        raise PolicyError(
            file,
            f"{at}.unit",
            f"A rung cannot be counted in {rung.unit}.",
            "Use elapsed_hours or working_days, which are never mixed.",
        )
    if rung.when in {RungWhen.OPENED, RungWhen.ON}:
        if rung.value:
            raise PolicyError(
                file, f"{at}.value", f"“{rung.when}” is not counted.", "Remove value, or use before or after."
            )
    elif not (rung.value == 0 and rung.when is RungWhen.AFTER and rung.unit is Unit.ELAPSED_HOURS):
        positive(rung.value, file, f"{at}.value")
