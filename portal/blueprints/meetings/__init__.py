"""Meetings: calling one, inviting, replying, papers, the day itself."""

from portal.blueprints.meetings.blueprint import blueprint

__all__ = ["blueprint"]
