"""Words about some of the children on a form, held against what would give the others away."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select, union_all

from portal.changes.errors import DomainError
from portal.extensions import db
from portal.policy import current_policy
from portal.records.children.model import Child, ChildAlias
from portal.records.disclosures.rules import Start, Traits, gives_away, starting_text, traits_of
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.rules import ChildDetails
from portal.records.referrals.sending import subjects_of
from portal.vocabulary import SubjectKind


class NamesOthers(DomainError):
    """Words about some children name another child of the same form. `words` are those found."""

    def __init__(self, words: tuple[str, ...], *, field: str) -> None:
        found = ", ".join(f"“{word}”" for word in words)
        super().__init__(
            f"Take out what points to another child on the form: {found}."
            " If it means somebody else, say so below",
            field=field,
        )
        self.words = words


def check_names_no_others(
    *, text: str, referral: Referral, covered: Collection[ReferralSubject], field: str
) -> None:
    """Go on only if a text names no child of the form but those that it covers.

    Raises:
        NamesOthers: it does.
    """
    ours, theirs = _sides(referral, covered)
    words = gives_away(text, others=theirs, covered=ours, names=current_policy().names)
    if words:
        raise NamesOthers(words, field=field)


def starting_words(*, text: str, referral: Referral, covered: Collection[ReferralSubject]) -> Start:
    """A text without the sentences that name another child of the form."""
    ours, theirs = _sides(referral, covered)
    return starting_text(text, others=theirs, covered=ours, names=current_policy().names)


def _sides(referral: Referral, covered: Collection[ReferralSubject]) -> tuple[list[Traits], list[Traits]]:
    children = [one for one in subjects_of(referral=referral) if one.kind == SubjectKind.CHILD]
    known = _known_names(referral)
    inside = {one.id for one in covered}
    traits = {
        one.id: traits_of(ChildDetails.from_json(one.details), known.get(one.id, ())) for one in children
    }
    return (
        [found for one, found in traits.items() if one in inside],
        [found for one, found in traits.items() if one not in inside],
    )


def _known_names(referral: Referral) -> Mapping[UUID, list[str]]:
    """The names in the records of those children on the form who are known."""
    own = (
        select(ReferralChild.subject_id, (Child.given_name + " " + Child.family_name).label("name"))
        .join(Child, Child.id == ReferralChild.child_id)
        .where(ReferralChild.referral_id == referral.id)
    )
    aliases = (
        select(ReferralChild.subject_id, ChildAlias.name)
        .join(ChildAlias, ChildAlias.child_id == ReferralChild.child_id)
        .where(ReferralChild.referral_id == referral.id)
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for subject_id, name in db.session.execute(union_all(own, aliases)):
        found[subject_id].append(name)
    return found
