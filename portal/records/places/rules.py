"""What a contact of the directory says."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What a contact says.

    Attributes:
        district, role: codes of policy `areas.districts` and `directory.roles`.
        name: a person or a team.
        hours: when they are there.
        words: what else helps, such as who stands in.
    """

    district: str
    role: str
    name: str
    job: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""
    words: str = ""
