"""Migrates the database and fills an empty one with the demonstration: `python -m portal.demo.seed FILE`.

Run at every start of the demo. What is there already is kept; only the addresses of the local identity
providers, which depend on the ports that are free today, are brought up to date.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.orm import Session

from portal import clock, create_app
from portal.access import principal
from portal.access.model import Heartbeat
from portal.deadlines.model import Deadline
from portal.demo import content, partnership
from portal.messages.model import OutboxMessage, ReminderPlan
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.pathway.calendar import at_local, end_of_day
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.people.model import Agency, Team, User
from portal.reminders import digests
from portal.vocabulary import Sector

# What the portal told people before the demonstration was loaded is history: it went out at the time.
# The months of work that `portal.demo.content` writes make the portal owe hundreds of messages, as they would
# in use. Nobody wants them sent months late. What is due today and later is told truly.

#: What is due today is brought to mind now, although its step fell this morning.
LAST_DAY = timedelta(days=1)
#: What is older has been read by now.
UNREAD_FOR = timedelta(days=2)


def settle(rows: Session) -> None:
    """Settle what was told before this moment; where the worker has run already, nothing is left to settle.

    Args:
        rows: a session of the owner of the tables; it is committed.
    """
    if rows.scalars(select(Heartbeat).limit(1)).first() is not None:
        return
    now = clock.now()
    _date_digests_of_partners(rows)
    _accepted(rows, until=now)
    rows.execute(
        update(OutboxMessage)
        .where(OutboxMessage.created_at < now - UNREAD_FOR, OutboxMessage.recipient_id.is_not(None))
        .values(read_at=func.least(OutboxMessage.not_before + timedelta(hours=1), now))
    )
    rows.execute(update(ReminderPlan).values(told_until=now, look_at=now))
    due_today = select(Deadline.id).where(Deadline.due_at.between(now, end_of_day(clock.today())))
    rows.execute(
        update(ReminderPlan).where(ReminderPlan.deadline_id.in_(due_today)).values(told_until=now - LAST_DAY)
    )
    rows.commit()


def _date_digests_of_partners(rows: Session) -> None:
    """Those came at their hour, if it has passed. The hub's people get theirs now, to be looked at."""
    digests.write_digests(rows.connection())
    reminders, today = current_policy().reminders, clock.today()
    partners = select(Agency.id).where(Agency.sector != Sector.HUB)
    for kind, day in (
        (digests.MORNING, today),
        (digests.WEEKLY, digests.weekly_day(reminders, today)),
    ):
        hour = at_local(day, reminders.digest.at)
        rows.execute(
            update(OutboxMessage)
            .where(OutboxMessage.kind == kind, OutboxMessage.agency_id.in_(partners))
            .values(created_at=hour, not_before=hour, next_try_at=hour)
        )


def _accepted(rows: Session, *, until: datetime) -> None:
    """What was owed by e-mail went where it would go today, and the mail server took it at once."""
    person = select(User.email).where(User.id == OutboxMessage.recipient_id).scalar_subquery()
    duty = select(Team.duty_email).where(Team.id == OutboxMessage.recipient_team_id).scalar_subquery()
    went_out = (OutboxMessage.channel == MessageChannel.MAIL, OutboxMessage.not_before < until)
    rows.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == MessageState.OWED, *went_out)
        .values(state=MessageState.QUEUED, address=func.coalesce(person, duty), attempts=1)
    )
    rows.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == MessageState.QUEUED, *went_out)
        .values(state=MessageState.ACCEPTED, settled_at=OutboxMessage.not_before, outcome="250 2.0.0")
    )


def load(rows: Session, app: Flask) -> None:
    """Write what is missing: the partnership as the owner of the tables, its work as its people.

    Each of the two is one transaction, and so is what became of the messages that the work caused. A run that
    was stopped between them goes on with the next.
    """
    if rows.scalars(select(Agency).limit(1)).first() is None:
        partnership.load(rows)
    partnership.point_at_providers(rows)
    if rows.scalars(select(Case).limit(1)).first() is None:
        content.load(app)
    settle(rows)
    # What the database knew of the tables is from before they were filled, and its plans follow that.
    rows.execute(text("analyze"))
    rows.commit()


def main(providers: Path) -> None:
    """Migrate, load what is missing, and tell the local providers in their file who their people are."""
    app = create_app()
    with app.app_context():
        upgrade()
    engine = create_engine(os.environ["DATABASE_OWNER_URL"])
    with Session(engine, info={principal.OWNERS: True}) as rows:
        load(rows, app)
    engine.dispose()
    partnership.write_directory(providers, app)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
