"""Who and what is on a form, and which of the children are known."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.records.children.model import Child
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.services.errors import NotFound
from portal.vocabulary import SubjectKind


def subjects_of(*, referral: Referral) -> list[ReferralSubject]:
    """Who and what is on a form, in its order."""
    return list(
        db.session.scalars(
            select(ReferralSubject)
            .where(ReferralSubject.referral_id == referral.id)
            .order_by(ReferralSubject.position)
        )
    )


def subject_at(*, referral: Referral, position: int) -> ReferralSubject:
    """One child, person, place or thing on a form, by its place there.

    Raises:
        NotFound: there is none.
    """
    found = db.session.scalar(
        select(ReferralSubject).where(
            ReferralSubject.referral_id == referral.id, ReferralSubject.position == position
        )
    )
    if found is None:
        raise NotFound("There is nobody and nothing at this place of the form")
    return found


def recognised(*, subject: ReferralSubject) -> Child | None:
    """The known child that a subject was found to be, if the person who asks may see them."""
    return db.session.scalar(
        select(Child)
        .join(ReferralChild, ReferralChild.child_id == Child.id)
        .where(ReferralChild.subject_id == subject.id)
    )


def find_child(*, reference: str) -> Child:
    """A known child by reference, as typed or chosen.

    Raises:
        NotFound: there is none whom the person who asks may see.
    """
    read = read_reference(reference, Prefix.CHILD)
    found = db.session.scalar(select(Child).where(Child.reference == read)) if read else None
    if found is None:
        raise NotFound("There is no such child")
    return found


def unrecognised(*, among: Iterable[ReferralSubject]) -> list[ReferralSubject]:
    """The children among some subjects of whom nobody has said who they are."""
    return [one for one in among if one.kind == SubjectKind.CHILD and recognised(subject=one) is None]
