"""The lists of missing children: who is missing now, who came back lately, and with whom the police still
have to talk; whether one who was reported is one who was known, and which reports may be of the same child.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access import principal
from portal.extensions import db
from portal.policy import current_policy
from portal.queries.declared import (
    AnyOf,
    Column,
    Filter,
    Listing,
    Options,
    Sort,
    a_to_z,
    heads,
    labels,
    offered,
    one_of,
)
from portal.queries.listing import Whole, lengths
from portal.queries.rows import WHO, Rows, name_of
from portal.records.children.model import Child
from portal.records.missing.facts import (
    authority_column,
    is_of_my_case,
    most_urgent_first,
    reported_alike,
    running_with,
    talks_outstanding,
)
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.records.missing.policy import NOT_GRADED, Missing
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.missing.vocabulary import MissingStatus
from portal.vocabulary import Labelled

MOST_MATCHES = 50


class Which(Labelled):
    """Which of the children a list shows."""

    NOW = "now", "Missing or away now"
    RETURNED = "returned", "Back lately"
    PREVENTION = "prevention", "Prevention interview outstanding"


class LookOut(Labelled):
    """What somebody looks for among them."""

    MINE = "mine", "On cases that you lead or work on"
    OURS = "ours", "Recorded by your agency"
    FOUND = "found", "Found, and not back yet"
    NO_LOG = "no_log", "No police reference yet"


class Talk(Labelled):
    """Whether the police talked with a child who is back."""

    OUTSTANDING = "outstanding", "Outstanding"
    HELD = "held", "Held"


def _looks() -> dict[LookOut, ColumnElement[bool]]:
    return {
        LookOut.MINE: is_of_my_case(),
        LookOut.OURS: MissingEpisode.recorded_agency_id == principal.current().agency_id,
        LookOut.FOUND: MissingEpisode.found_at.is_not(None),
        LookOut.NO_LOG: func.coalesce(MissingEpisode.police_reference, "") == "",
    }


def _grades() -> Options:
    """The grades of the police, the most urgent first, and that there is none yet."""
    missing = current_policy().of(Missing)
    return [
        (one, "Not graded yet" if one == NOT_GRADED else missing.grades.label(one)) for one in missing.urgency
    ]


_NOT_SAID = "not_said"


def _authorities() -> Options:
    return [*current_policy().areas.authorities.choices(), (_NOT_SAID, "Not known")]


def _of_authority(codes: Sequence[str]) -> ColumnElement[bool]:
    """Whose the child is or in whose area it lives, as the list says it."""
    whose, host = authority_column().element, MissingEpisode.host_authority
    unknown = and_(whose.is_(None), host.is_(None))
    said = or_(one_of(whose)(codes), one_of(host)(codes))
    return or_(said, unknown) if _NOT_SAID in codes else said


_AUTHORITY = Filter("authority", "Authority", _authorities, _of_authority)
_PLACE = Filter(
    "place", "From", offered(lambda policy: policy.of(Missing).places), one_of(MissingEpisode.missing_from)
)
_STATUS = Filter(
    "status",
    "What it is",
    lambda: [(one.value, one.short) for one in MissingStatus],
    one_of(MissingEpisode.status),
)
_GRADE = Filter("grade", "Police grade", _grades, one_of(func.coalesce(MissingEpisode.grade, NOT_GRADED)))
_FOUND = Filter(
    "how", "How", offered(lambda policy: policy.of(Missing).findings), one_of(MissingEpisode.how_found)
)
_TALK = Filter(
    "talk",
    "Prevention interview",
    labels(Talk),
    AnyOf(
        lambda: {
            Talk.OUTSTANDING: MissingEpisode.prevention_at.is_(None),
            Talk.HELD: MissingEpisode.prevention_at.is_not(None),
        }
    ),
)
#: By the name that the list shows: whoever does not see the child reads it as it was reported.
_NAME = a_to_z(
    "child",
    "By family name",
    func.coalesce(
        Child.family_name,
        func.substring(MissingEpisode.reported_name, r"\S+$"),
        MissingEpisode.reported_name,
    ),
    func.coalesce(Child.given_name, MissingEpisode.reported_name),
)


def _look_out(*offered_here: LookOut) -> Filter:
    return Filter("look", "Look out for", labels(offered_here), AnyOf(_looks))


def _back(says: str, says_backwards: str, *, downwards: bool) -> Sort:
    return Sort("back", says, says_backwards, by=(MissingEpisode.returned_at,), downwards=downwards)


def _urgent() -> Sort:
    return Sort(
        "urgent",
        "The highest police grade first, then the children whose cases you lead or work on, then the longest"
        " missing",
        "The lowest police grade first, then the children whose cases you do not work on, then those who are"
        " missing for the shortest time",
        by=most_urgent_first(),
    )


_BACK = Listing(
    name="children who are back",
    noun=("return", "returns"),
    key=MissingEpisode.id,
    columns=heads(
        ("Child", "child"), ("Back since", "back"), "Was missing for", "How", "Prevention interview"
    ),
    sorts=(_back("The latest return first", "The earliest return first", downwards=True), _NAME),
    filters=(_TALK, _FOUND, _AUTHORITY, _look_out(LookOut.MINE, LookOut.OURS)),
)
_OUTSTANDING = replace(
    _BACK,
    name="prevention interviews outstanding",
    noun=("interview outstanding", "interviews outstanding"),
    columns=(
        *_BACK.columns[:2],
        Column("Police reference"),
        Column("Authority"),
    ),
    sorts=(_back("The longest wait first", "The shortest wait first", downwards=False), _NAME),
    filters=(_AUTHORITY, _look_out(LookOut.MINE, LookOut.OURS, LookOut.NO_LOG)),
)


def listing_of(which: Which) -> Listing:
    """What one of the lists shows, and by what it is sorted and filtered: who is missing now stands in the
    order that the policy says.
    """
    if which is not Which.NOW:
        return _BACK if which is Which.RETURNED else _OUTSTANDING
    return Listing(
        name="children who are missing now",
        noun=("report of a child who is missing or away", "reports of children who are missing or away"),
        key=MissingEpisode.id,
        columns=heads(
            ("Child", "child"), "For", ("Since", "since"), "From", ("Police grade", "urgent"), "Authority"
        ),
        sorts=(
            _urgent(),
            _NAME,
            Sort(
                "since",
                "The longest missing first",
                "The last missing first",
                by=(MissingEpisode.missing_since,),
            ),
        ),
        filters=(
            _GRADE,
            _look_out(LookOut.MINE, LookOut.OURS, LookOut.FOUND, LookOut.NO_LOG),
            _AUTHORITY,
            _STATUS,
            _PLACE,
        ),
    )


def rows_of(which: Which) -> Whole:
    """The children of one of the lists whom the reader is to know of."""
    rows = _ROWS[which](MissingEpisode.id, *_list_columns())
    if which is Which.NOW:
        rows = rows.add_columns(_is_there_twice())
    return Whole(rows.outerjoin(Child, Child.id == MissingEpisode.child_id))


def how_many() -> Sequence[int]:
    """How many each of the lists has, as of `lengths`."""
    return lengths(*(rows(MissingEpisode.id) for rows in _ROWS.values()))


def _back_lately(*columns: Any) -> Select[Any]:
    """Episodes whose child came back lately (policy `missing.recent`)."""
    since = clock.now() - timedelta(days=current_policy().of(Missing).recent.value)
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(MissingEpisode.returned_at >= since, MissingEpisode.withdrawn_at.is_(None))
    )


_ROWS = {Which.NOW: running_with, Which.RETURNED: _back_lately, Which.PREVENTION: talks_outstanding}


def _list_columns() -> tuple[Any, ...]:
    same = aliased(MissingEpisode)
    counts = and_(
        same.withdrawn_at.is_(None),
        same.status.in_(counted_statuses()),
        same.missing_since >= days_before(clock.now(), WINDOWS[0]),
        reported_alike(same, MissingEpisode),
    )
    own = select(func.count()).select_from(same).where(same.child_id == MissingEpisode.child_id, counts)
    linked = (
        select(func.count())
        .select_from(same)
        .where(
            same.child_id == any_(func.ctx.read_as_same(MissingEpisode.child_id)),
            same.child_id != MissingEpisode.child_id,
            counts,
        )
    )
    in_a_month, in_a_month_linked = (one.correlate(MissingEpisode).scalar_subquery() for one in (own, linked))
    return (
        MissingEpisode.child_id,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        *(MissingEpisode.status, MissingEpisode.missing_since, MissingEpisode.returned_at),
        *(MissingEpisode.missing_from, MissingEpisode.how_found),
        *(MissingEpisode.grade, MissingEpisode.police_reference),
        authority_column(),
        MissingEpisode.host_authority,
        MissingEpisode.prevention_at,
        *WHO,
        (in_a_month + in_a_month_linked).label("in_a_month"),
        in_a_month_linked.label("in_a_month_linked"),
    )


def counted_statuses() -> list[str]:
    """Which episodes count, by policy `missing.prompt`."""
    return [one.value for one in current_policy().of(Missing).prompt.counted]


def _is_there_twice() -> ColumnElement[bool]:
    """Whether another report of a child who is missing now has not ended, for whoever sees the child."""
    other = aliased(MissingEpisode)
    runs = (
        select(other.id)
        .where(
            other.child_id == MissingEpisode.child_id,
            other.id != MissingEpisode.id,
            other.returned_at.is_(None),
            other.withdrawn_at.is_(None),
        )
        .correlate(MissingEpisode)
        .exists()
    )
    return and_(Child.id.is_not(None), runs).label("twice")


_OTHER, _BEFORE = aliased(Child), aliased(Child)
_MATCHES = (
    select(
        MissingMatch.__table__,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        _BEFORE.reference.label("child_reference"),
        _OTHER.reference.label("other_reference"),
        _OTHER.given_name,
        _OTHER.family_name,
        _OTHER.dob,
        _OTHER.dob_is_estimate,
        _OTHER.nhs_number,
        name_of(MissingMatch.answered_by, "by"),
        name_of(MissingMatch.answered_agency_id, "agency"),
    )
    .join(MissingEpisode, MissingEpisode.id == MissingMatch.episode_id)
    .join(_BEFORE, _BEFORE.id == MissingMatch.child_id)
    .join(_OTHER, _OTHER.id == MissingMatch.other_id)
)


#: Open is a question as long as the episode is where it was when that was asked (`ctx.open_matches`).
_OPEN = (
    MissingMatch.answered_at.is_(None),
    MissingEpisode.child_id == MissingMatch.child_id,
    MissingEpisode.withdrawn_at.is_(None),
)


def open_match(*, episode_id: UUID) -> Any:
    """The oldest open question whether the child of an episode is another one, for whoever sees both."""
    return db.session.execute(
        _MATCHES.where(MissingMatch.episode_id == episode_id, *_OPEN)
        .order_by(MissingMatch.asked_at, MissingMatch.id)
        .limit(1)
    ).one_or_none()


def matches_of(*, episode_id: UUID) -> Rows:
    """What was asked and answered of whose an episode is, the latest first, with both records."""
    return db.session.execute(
        _MATCHES.where(
            MissingMatch.episode_id == episode_id, MissingMatch.answered_at.is_not(None) | and_(*_OPEN)
        )
        .order_by(MissingMatch.asked_at.desc(), MissingMatch.id.desc())
        .limit(MOST_MATCHES)
    ).all()


def matches_waiting(*, limit: int = MOST_MATCHES) -> Rows:
    """Children who were reported and may have been known, the longest asked first."""
    return db.session.execute(
        _MATCHES.where(*_OPEN).order_by(MissingMatch.asked_at, MissingMatch.id).limit(limit)
    ).all()


def running_beside(*, episode: MissingEpisode) -> Rows:
    """Other reports that have not ended and that the reader may take for reports of the same child: of the
    child or one of its linked records, for whoever sees that child; else of the same name and date of birth.
    """
    e = MissingEpisode
    same = func.array_append(func.ctx.read_as_same(episode.child_id), episode.child_id)
    known = select(Child.id).where(Child.id == e.child_id).exists()
    alike = and_(
        func.lower(e.reported_name) == episode.reported_name.lower(),
        e.reported_dob.is_not_distinct_from(episode.reported_dob),
    )
    found = running_with(e.reference, e.missing_since, name_of(e.recorded_agency_id, "agency"))
    found = found.where(e.id != episode.id, or_(alike, and_(e.child_id == any_(same), known)))
    return db.session.execute(found.order_by(e.missing_since, e.id)).all()
