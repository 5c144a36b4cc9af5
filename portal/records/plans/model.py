"""The plan of a case, what it says, and the actions that carry it out."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Referenced, Versioned, index_where


class Plan(Identified, Referenced, Ended, Model):
    """The plan of a case: one runs at a time. What it says stands in rows of its own."""

    __tablename__ = "plan"
    __table_args__ = (
        index_where("uq_plan_running", "case_id", where="state = 'running'"),
        CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended_at_a_time"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    state: Mapped[str]
    started_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    started_at: Mapped[datetime]
    policy_version: Mapped[str]


class PlanText(Identified, Authored, Model):
    """What a plan says, as somebody said it. A later statement stands beside it: the latest counts."""

    __tablename__ = "plan_text"
    __table_args__ = (Index("ix_plan_text_plan", "plan_id", "kind", "said_at"),)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a PlanPart
    text: Mapped[str]
    not_obtained: Mapped[bool] = mapped_column(default=False)  # `text` then says why
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    said_at: Mapped[datetime]


#: By what day the lists of actions go on, of those that are open and of those that are over.
_BY_DAY = (
    ("open", "due_on", "reach_until is null"),
    ("over", "reach_until", "reach_until is not null"),
)


class Action(Identified, Referenced, Versioned, Model):
    """Something that somebody does until a day: for the child of a case, by its plan, or about a place or
    person of concern. What was given stands; how it goes is added.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint("num_nonnulls(owner_id, owner_team_id) = 1", name="one_owner"),
        index_where("ix_action_to_confirm", "done_at", where="state = 'done'"),
        CheckConstraint("confirmed_by <> done_by", name="two_people"),
        CheckConstraint("(state in ('done', 'confirmed')) = (done_at is not null)", name="done_at_a_time"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at is not null)", name="confirmed_at_a_time"),
        CheckConstraint(
            "(state in ('not_started', 'under_way', 'blocked')) = (reach_until is null)",
            name="reach_ends_with_it",
        ),
        CheckConstraint("effect is null or done_at is not null", name="effect_of_what_was_done"),
        CheckConstraint(
            "external_name = '' or (owner_id is not null and case_id is not null)", name="told_by_a_person"
        ),
        CheckConstraint("external_name <> '' or external_role = ''", name="role_of_somebody"),
        CheckConstraint(
            "num_nonnulls(case_id, concern_id) = 1"
            " and (case_id is null) = (child_id is null) and (case_id is null) = (plan_id is null)",
            name="one_subject",
        ),
        Index("ix_action_case", "case_id", "state", "due_on"),
        Index("ix_action_concern", "concern_id", "state", "due_on"),
        Index("ix_action_owner", "owner_id", "state"),
        Index("ix_action_owner_team", "owner_team_id", "state"),
        *(
            index_where(f"ix_action_{which}_of_{owner}", column, day, "id", where=where)
            for which, day, where in _BY_DAY
            for owner, column in (("person", "owner_id"), ("team", "owner_team_id"))
        ),
        *(
            index_where(
                f"ix_action_{which}_on_concern", day, "id", where=f"concern_id is not null and {where}"
            )
            for which, day, where in _BY_DAY
        ),
    )
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"))
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"), index=True)
    concern_id: Mapped[UUID | None] = mapped_column(ForeignKey("concern.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.id"), index=True)
    category: Mapped[str]  # a code of policy plans.categories
    means: Mapped[str | None]  # a code of policy plans.means, for one on a concern
    what: Mapped[str]
    measure: Mapped[str]  # how we will know
    target: Mapped[str]  # a code of policy plans.targets; the kind of concern, for one on a concern
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    owner_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    external_name: Mapped[str] = mapped_column(default="")  # does it without an account: the owner tells them
    external_role: Mapped[str] = mapped_column(default="")  # what they are, or their organisation
    support_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    priority: Mapped[str]  # a ActionPriority
    state: Mapped[str]
    due_on: Mapped[date]
    blocked_reason: Mapped[str | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[datetime | None]
    done_words: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    effect: Mapped[str | None]  # a code of policy plans.effects
    covered_by: Mapped[str] = mapped_column(default="")  # which other plan sees to it
    given_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    given_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    given_at: Mapped[datetime]
    reach_until: Mapped[datetime | None]  # policy limits.request_reach after it was done or ended
    policy_version: Mapped[str]


class ActionStep(Identified, Model):
    """A step in the life of an action: whose it was, until when, and why it changed. Only added to."""

    __tablename__ = "action_step"
    __table_args__ = (Index("ix_action_step_action", "action_id", "made_at"),)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a ActionStepKind
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[datetime]


class ActionNote(Identified, Authored, Model):
    """Dated progress on an action, with the handling that its author's agency chose."""

    __tablename__ = "action_note"
    __table_args__ = (Index("ix_action_note_action", "action_id", "written_at"),)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    text: Mapped[str]
    handling: Mapped[str]
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    written_at: Mapped[datetime]
