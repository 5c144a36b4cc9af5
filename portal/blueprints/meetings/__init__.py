"""Meetings: calling one, inviting, replying, papers, the day itself."""

from portal.blueprints.meetings import (
    agenda,
    attending,
    calling,
    changing,
    document,
    handing_out,
    inviting,
    papers,
    replying,
    show,
)
from portal.blueprints.meetings.blueprint import blueprint

__all__ = [
    "agenda",
    "attending",
    "blueprint",
    "calling",
    "changing",
    "document",
    "handing_out",
    "inviting",
    "papers",
    "replying",
    "show",
]
