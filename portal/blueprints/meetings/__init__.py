"""Meetings: calling one, inviting, replying, papers, the day itself."""

from portal.blueprints.meetings import (
    agenda,
    attending,
    calling,
    changing,
    closed,
    deciding,
    inviting,
    recording,
    show,
)
from portal.blueprints.meetings.blueprint import blueprint

__all__ = [
    "agenda",
    "attending",
    "blueprint",
    "calling",
    "changing",
    "closed",
    "deciding",
    "inviting",
    "recording",
    "show",
]
