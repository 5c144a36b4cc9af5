"""Meetings: calling one, inviting, replying, papers, the day itself."""

from portal.blueprints.meetings import calling, changing, inviting, replying, show
from portal.blueprints.meetings.blueprint import blueprint

__all__ = ["blueprint", "calling", "changing", "inviting", "replying", "show"]
