"""When a child was missing, and the conversation after they came back. Both hang on the child, not a case."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import (
    KEPT_BACK,
    Identified,
    Model,
    Referenced,
    SaidByFunction,
    Versioned,
    Withdrawn,
    index_where,
)


def _whether_asked() -> Any:
    """Whether whoever wrote it works with the child, or was asked about words that give away what must not be
    disclosed (`ctx.was_asked`). Written by the database; it would tell that the child is known.
    """
    return mapped_column(server_default=false(), deferred=True, info=KEPT_BACK)


def _words(**more: Any) -> Any:
    """What an episode says in words: None for whoever does not read them."""
    return mapped_column(SaidByFunction("episode_says"), nullable=False, **more)


class MissingEpisode(Identified, Referenced, Withdrawn, Versioned, Model):
    """A child was missing, or away without leave, from a time until they returned."""

    __tablename__ = "missing_episode"
    __table_args__ = (
        CheckConstraint("returned_at is null or returned_at >= missing_since", name="returns_after_it_began"),
        CheckConstraint("left_at is null or left_at <= missing_since", name="left_by_then"),
        CheckConstraint("found_at is null or found_at >= missing_since", name="found_after_it_began"),
        CheckConstraint(
            "found_at is null or returned_at is null or found_at <= returned_at", name="found_first"
        ),
        CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="withdrawn_by_somebody"),
        CheckConstraint("double_of is null or withdrawn_at is not null", name="double_is_withdrawn"),
        CheckConstraint("prevention_words = ''", name="words_are_apart"),
        Index("ix_missing_episode_child", "child_id", "missing_since"),
        index_where(
            "ix_missing_episode_now", "missing_since", where="returned_at IS NULL AND withdrawn_at IS NULL"
        ),
        Index("ix_missing_episode_returned", "returned_at"),
        index_where(  # what is looked for: `ctx.episodes_of_police`
            "ix_missing_episode_police",
            text("regexp_replace(upper(police_reference), '[^A-Z0-9]', '', 'g')"),
            where="police_reference IS NOT NULL",
        ),
        index_where(
            "ix_missing_episode_talk",
            "returned_at",
            "id",
            where="prevention_at IS NULL AND withdrawn_at IS NULL",
        ),
        index_where(
            "ix_missing_episode_running", "child_id", where="returned_at IS NULL AND withdrawn_at IS NULL"
        ),
    )
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    reported_name: Mapped[str]  # as whoever recorded it said: all that they see of a child held closely
    reported_dob: Mapped[date | None]
    status: Mapped[str]  # a MissingStatus
    missing_since: Mapped[datetime]
    reported_at: Mapped[datetime]
    reported_by: Mapped[str | None] = _words()  # who raised the alarm
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    recorded_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    recorded_at: Mapped[datetime]
    police_reference: Mapped[str | None]
    grade: Mapped[str | None]  # a code of policy missing.grades
    circumstances: Mapped[str | None] = _words(default="")
    missing_from: Mapped[str | None]  # a code of policy missing.places
    responsible_authority: Mapped[str | None]
    host_authority: Mapped[str | None]
    left_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    last_seen_by: Mapped[str | None] = _words(default="", server_default="")
    last_seen_role: Mapped[str | None]  # a code of policy missing.seen_by
    last_seen: Mapped[str | None] = _words(default="")  # where
    description: Mapped[str | None] = _words(default="", server_default="")  # for whoever looks for the child
    wearing: Mapped[str | None] = _words(default="")
    believed_with: Mapped[str | None] = _words(default="")
    trigger_plan_used: Mapped[bool | None]
    found_at: Mapped[datetime | None]  # where that was before they were back
    returned_at: Mapped[datetime | None]
    how_found: Mapped[str | None]  # a code of policy missing.findings
    found_where: Mapped[str | None] = _words(default="")
    found_with: Mapped[str | None] = _words(default="")
    injuries: Mapped[str | None] = _words(default="")
    prevention_by: Mapped[str] = mapped_column(default="")
    prevention_at: Mapped[datetime | None]
    prevention_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))  # which held it
    # Empty: what came of it is in `PreventionTalk`. A release before that may still read the column.
    prevention_words: Mapped[str] = mapped_column(default="", server_default="")
    withdrawn_reason: Mapped[str | None] = mapped_column(SaidByFunction("episode_says"))
    double_of: Mapped[UUID | None] = mapped_column(ForeignKey("missing_episode.id"))  # it was reported twice
    policy_version: Mapped[str]
    asked: Mapped[bool] = _whether_asked()
    #: Which of its authorities are of the child's record, and nobody said. Written by the database.
    by_record: Mapped[list[str]] = mapped_column(server_default="{}", deferred=True, info=KEPT_BACK)


#: What an episode says in words, by column.
SAID_IN_WORDS = frozenset(
    name
    for name, column in MissingEpisode.__table__.columns.items()
    if isinstance(column.type, SaidByFunction)
)
#: What came of the talk with the police, as changes of it name it.
SAID_IN_TALK = "prevention_words"
#: Whatever is written in return interviews, and on attempts at one.
SAID_IN_INTERVIEW = "return_interview"


class PreventionTalk(Model):
    """What came of the talk that the police had with the child, for whoever may read it. That it was held,
    when and by whom is on the episode, for all who see that.
    """

    __tablename__ = "prevention_talk"
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("missing_episode.id"), primary_key=True)
    words: Mapped[str]
    handling: Mapped[str]  # who reads it, as of an entry
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    asked: Mapped[bool] = _whether_asked()


class MissingChange(Identified, Model):
    """What an episode said before somebody changed it."""

    __tablename__ = "missing_change"
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("missing_episode.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(SaidByFunction("change_says", JSONB()))
    after: Mapped[dict[str, Any]] = mapped_column(SaidByFunction("change_says", JSONB()))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    changed_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    changed_at: Mapped[datetime]
    of_talk: Mapped[bool] = mapped_column(default=False, server_default=false())  # for whoever reads the talk
    asked: Mapped[bool] = _whether_asked()


class MissingEnquiry(Identified, Model):
    """What was done to find a child, or whom somebody asked. It is added, and never changed."""

    __tablename__ = "missing_enquiry"
    __table_args__ = (Index("ix_missing_enquiry_episode", "episode_id", "made_at"),)
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("missing_episode.id"))
    made_at: Mapped[datetime]
    #: Who enquired.
    made_by: Mapped[str | None] = mapped_column(SaidByFunction("enquiry_says"), nullable=False)
    words: Mapped[str | None] = mapped_column(SaidByFunction("enquiry_says"), nullable=False)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    recorded_at: Mapped[datetime]
    asked: Mapped[bool] = _whether_asked()


class MissingPrompt(Identified, Model):
    """Episodes so close together that somebody decides on a strategy meeting: asked once for each set."""

    __tablename__ = "missing_prompt"
    __table_args__ = (
        CheckConstraint(
            "(answered_at is null) = (answered_by is null) and (answered_at is null) = (answer is null)",
            name="answered_by_somebody",
        ),
        CheckConstraint("answered_at is null or fell_away_at is null", name="answered_or_fell_away"),
        index_where(
            "uq_missing_prompt_open", "child_id", where="answered_at IS NULL AND fell_away_at IS NULL"
        ),
    )
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    episode_ids: Mapped[list[UUID]]
    reference: Mapped[str]  # of the episode with which there were as many as policy says
    prompted_at: Mapped[datetime]
    answer: Mapped[str | None]  # a StrategyAnswer
    words: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answered_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    answered_at: Mapped[datetime | None]
    fell_away_at: Mapped[datetime | None]  # an episode was withdrawn, and too few are left
    policy_version: Mapped[str]


class MissingMatch(Identified, Model):
    """Whether the child of an episode is another one. Asked where a report began a record for a child who may
    have been known, and answered by whoever sees both; or said by them of any episode, which `same` moved.
    """

    __tablename__ = "missing_match"
    __table_args__ = (
        CheckConstraint(
            "(answered_at is null) = (answered_by is null) and (answered_at is null) = (same is null)",
            name="answered_by_somebody",
        ),
        index_where("ix_missing_match_waiting", "asked_at", where="answered_at IS NULL"),
    )
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("missing_episode.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))  # whose the episode was
    other_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))  # who it may be
    asked_at: Mapped[datetime]
    same: Mapped[bool | None]
    words: Mapped[str] = mapped_column(default="", server_default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answered_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    answered_at: Mapped[datetime | None]


class MissingScope(Model):
    """Who reads an episode or a return interview. Kept by triggers; the policies read it."""

    __tablename__ = "missing_scope"
    __table_args__ = (
        Index("ix_missing_scope_reader", "reader", "record_id"),
        Index("ix_missing_scope_child", "child_id"),
    )
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    reader: Mapped[UUID] = mapped_column(primary_key=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    until: Mapped[datetime]


#: What the episodes of a child say in words, as far as their reader may read it, and what was done to find
#: the child: by what the words are, as lines of a chronology have it.
WORDS_OF_CHILD = {
    "Report of a missing child": """
select m.id, m.missing_since as at, w.agency_id, w.user_id as by_id, cast(null as uuid) as case_id,
       m.reference, w.said
  from missing_episode m cross join lateral ctx.episode_words_by(m.id, array[{fields}]) w
 where m.child_id = any (array_append(ctx.read_as_same(:child), cast(:child as uuid)))""".format(
        fields=", ".join(f"'{one}'" for one in sorted(SAID_IN_WORDS))
    ),
    "Enquiry for a missing child": """
select q.id, q.made_at as at, q.recorded_agency_id as agency_id, q.recorded_by as by_id,
       cast(null as uuid) as case_id, m.reference,
       jsonb_build_object('words', ctx.enquiry_words(q.id, 'words'), 'by', ctx.enquiry_words(q.id, 'made_by'))
       as said
  from missing_episode m join missing_enquiry q on q.episode_id = m.id
 where m.child_id = any (array_append(ctx.read_as_same(:child), cast(:child as uuid)))""",
    "Talk of the police after a return": """
select t.episode_id as id, t.recorded_at as at, t.agency_id, t.recorded_by as by_id,
       cast(null as uuid) as case_id, m.reference, jsonb_build_object('words', t.words) as said
  from missing_episode m join prevention_talk t on t.episode_id = m.id
 where m.child_id = any (array_append(ctx.read_as_same(:child), cast(:child as uuid)))""",
}
