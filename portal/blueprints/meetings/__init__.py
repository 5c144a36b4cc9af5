"""Meetings: calling one, inviting, replying, papers, the day itself."""

from portal.blueprints.meetings import (
    agenda,
    attending,
    calling,
    changing,
    citing,
    closed,
    deciding,
    document,
    handing_out,
    inviting,
    minutes,
    papers,
    recording,
    replying,
    settling,
    show,
)
from portal.blueprints.meetings.blueprint import blueprint

__all__ = [
    "agenda",
    "attending",
    "blueprint",
    "calling",
    "changing",
    "citing",
    "closed",
    "deciding",
    "document",
    "handing_out",
    "inviting",
    "minutes",
    "papers",
    "recording",
    "replying",
    "settling",
    "show",
]
