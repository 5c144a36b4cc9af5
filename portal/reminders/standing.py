"""Whether a message is still owed when its time has come, and to whom it goes."""

from sqlalchemy import Connection, select

from portal.models import Team, User
from portal.reminders.waiting import Nobody, Send, Standing, Waiting


def judge(connection: Connection, message: Waiting) -> Standing:
    """What is to become of a message now: the worker asks for each one, just before it is sent."""
    if message.recipient_team_id:
        address = connection.scalar(select(Team.duty_email).where(Team.id == message.recipient_team_id))
    else:
        address = connection.scalar(select(User.email).where(User.id == message.recipient_id))
    return Send(address) if address else Nobody()
