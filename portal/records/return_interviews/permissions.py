"""Verbs on return interviews."""

from portal.access.permission import Facts, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Sector

#: Whose people talk to children who were missing: social care, and those whom it asks to.
INTERVIEWING = frozenset({Sector.SOCIAL_CARE, Sector.VOLUNTARY, Sector.YOUTH_JUSTICE})


def _holds_them(person: Principal, facts: Facts) -> bool:
    """Whether the person's sector holds them, they lead the case, or their agency began this one."""
    return person.sector in INTERVIEWING or facts.lead_professional or facts.own_agency


VERBS = (
    for_case_people("interview:view", "See the return interviews of a child"),
    for_case_people(
        "interview:record",
        "Offer a child a return interview, and record what came of it",
        _holds_them,
        "Children’s social care, an agency that works for it, or the lead professional records return "
        "interviews.",
    ),
)
