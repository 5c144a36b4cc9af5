"""The shape of ``return_interview.toml``: what a child is asked after having been missing, and why not."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import Sourced, Term
from portal.records.return_interviews.vocabulary import InterviewPart

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class InterviewField(Term):
    """Something that a child is asked about, and in which part of the talk."""

    part: InterviewPart


@dataclass(frozen=True, kw_only=True)
class ReturnInterviews(Sourced):
    """``return_interview.toml``"""

    fields: Catalogue[InterviewField]
    ways: Catalogue[Term]
    decline_reasons: Catalogue[Term]
    late_reasons: Catalogue[Term]

    def fields_of(self, part: InterviewPart) -> tuple[InterviewField, ...]:
        """What is asked in one part, in the order of the file."""
        return tuple(one for one in self.fields.offered if one.part is part)


def check_return_interview(policy: "Policy", file: Path) -> None:
    """Every part of the talk asks something, and there is something to choose from every list.

    :raises PolicyError: at the first thing that does not fit.
    """
    interviews = policy.of(ReturnInterviews)
    for part in InterviewPart:
        if not interviews.fields_of(part):
            raise PolicyError(
                file,
                "fields",
                f"Nothing is asked in the part “{part.label}”.",
                f'Add [[fields]] with part = "{part}".',
            )
    for name in ("ways", "decline_reasons", "late_reasons"):
        if not getattr(interviews, name).offered:
            raise PolicyError(file, name, "There is nothing to choose from.", f"Add [[{name}]].")


SECTIONS = (Section(file="return_interview", shape=ReturnInterviews, check=check_return_interview),)
