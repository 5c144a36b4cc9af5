"""What was said and decided at meetings, and the minutes that went out

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_minute",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_closed_minute_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_closed_minute_meeting_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_closed_minute_saved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_minute")),
    )
    op.create_index(op.f("ix_closed_minute_case_id"), "closed_minute", ["case_id"], unique=False)
    op.create_index(op.f("ix_closed_minute_meeting_id"), "closed_minute", ["meeting_id"], unique=False)
    op.create_table(
        "family_passage",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_family_passage_case_id")),
        sa.ForeignKeyConstraint(["chosen_by"], ["app_user.id"], name=op.f("fk_family_passage_chosen_by")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_family_passage_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_family_passage_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_passage")),
    )
    op.create_index(op.f("ix_family_passage_case_id"), "family_passage", ["case_id"], unique=False)
    op.create_index(
        "uq_family_passage_standing",
        "family_passage",
        ["meeting_id", "case_id", "source_kind", "source_id", "position"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "level_proposal",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("settle_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "accepted is not true or settled_by <> proposed_by", name=op.f("ck_level_proposal_two_people")
        ),
        sa.CheckConstraint(
            "settled_by is null or accepted is not null", name=op.f("ck_level_proposal_settled_one_way")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_level_proposal_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_level_proposal_meeting_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["app_user.id"], name=op.f("fk_level_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["app_user.id"], name=op.f("fk_level_proposal_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_proposal")),
    )
    op.create_index(op.f("ix_level_proposal_case_id"), "level_proposal", ["case_id"], unique=False)
    op.create_index(
        "uq_level_proposal_open",
        "level_proposal",
        ["meeting_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "minutes_issue",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_minutes_issue_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_minutes_issue_made_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_issue_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_issue")),
        sa.UniqueConstraint("reference", name=op.f("uq_minutes_issue_reference")),
    )
    op.create_index(op.f("ix_minutes_issue_case_id"), "minutes_issue", ["case_id"], unique=False)
    op.create_index(
        "uq_minutes_issue_number",
        "minutes_issue",
        ["meeting_id", "case_id", "kind", "number"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "closed_reader",
        sa.Column("closed_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closed_id"], ["closed_minute.id"], name=op.f("fk_closed_reader_closed_id")),
        sa.ForeignKeyConstraint(["named_by"], ["app_user.id"], name=op.f("fk_closed_reader_named_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_closed_reader_user_id")),
        sa.PrimaryKeyConstraint("closed_id", "user_id", name=op.f("pk_closed_reader")),
    )
    op.create_table(
        "decision",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome is null or case_id is not null", name=op.f("ck_decision_outcome_of_a_case")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_decision_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_decision_meeting_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_decision_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("reference", name=op.f("uq_decision_reference")),
    )
    op.create_index(op.f("ix_decision_case_id"), "decision", ["case_id"], unique=False)
    op.create_index(op.f("ix_decision_item_id"), "decision", ["item_id"], unique=False)
    op.create_index(op.f("ix_decision_meeting_id"), "decision", ["meeting_id"], unique=False)
    op.create_index(
        "uq_decision_outcome",
        "decision",
        ["meeting_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "minute",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_minute_case_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_minute_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minute_meeting_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_minute_saved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minute")),
        sa.UniqueConstraint("item_id", name=op.f("uq_minute_item_id")),
    )
    op.create_index(op.f("ix_minute_case_id"), "minute", ["case_id"], unique=False)
    op.create_index(op.f("ix_minute_meeting_id"), "minute", ["meeting_id"], unique=False)
    op.create_table(
        "minutes_copy",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reach_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(invitation_id is null) <> (team_id is null)", name=op.f("ck_minutes_copy_given_to_one")
        ),
        sa.ForeignKeyConstraint(["given_by"], ["app_user.id"], name=op.f("fk_minutes_copy_given_by")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_minutes_copy_invitation_id")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["minutes_issue.id"], name=op.f("fk_minutes_copy_issue_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_minutes_copy_opened_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_minutes_copy_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_copy")),
    )
    op.create_index(op.f("ix_minutes_copy_invitation_id"), "minutes_copy", ["invitation_id"], unique=False)
    op.create_index(op.f("ix_minutes_copy_team_id"), "minutes_copy", ["team_id"], unique=False)
    op.create_index("uq_minutes_copy_invitation", "minutes_copy", ["issue_id", "invitation_id"], unique=True)
    op.create_index("uq_minutes_copy_team", "minutes_copy", ["issue_id", "team_id"], unique=True)
    op.create_table(
        "minutes_correction",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_minutes_correction_agency_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_minutes_correction_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_minutes_correction_case_id")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_minutes_correction_item_id")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_correction_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["app_user.id"], name=op.f("fk_minutes_correction_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_correction")),
    )
    op.create_index(op.f("ix_minutes_correction_case_id"), "minutes_correction", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_minutes_correction_meeting_id"), "minutes_correction", ["meeting_id"], unique=False
    )
    op.create_table(
        "decision_part",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("escalation", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_decision_part_agency_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_part_decision_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_decision_part_saved_by")),
        sa.PrimaryKeyConstraint("decision_id", "agency_id", name=op.f("pk_decision_part")),
    )
    op.add_column("level_decision", sa.Column("meeting_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_level_decision_meeting_id"), "level_decision", ["meeting_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_level_decision_meeting_id"), "level_decision", "meeting", ["meeting_id"], ["id"]
    )
    op.add_column("meeting_case", sa.Column("next_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("meeting_case", "next_on")
    op.drop_constraint(op.f("fk_level_decision_meeting_id"), "level_decision", type_="foreignkey")
    op.drop_index(op.f("ix_level_decision_meeting_id"), table_name="level_decision")
    op.drop_column("level_decision", "meeting_id")
    op.drop_table("decision_part")
    op.drop_index(op.f("ix_minutes_correction_meeting_id"), table_name="minutes_correction")
    op.drop_index(op.f("ix_minutes_correction_case_id"), table_name="minutes_correction")
    op.drop_table("minutes_correction")
    op.drop_index("uq_minutes_copy_team", table_name="minutes_copy")
    op.drop_index("uq_minutes_copy_invitation", table_name="minutes_copy")
    op.drop_index(op.f("ix_minutes_copy_team_id"), table_name="minutes_copy")
    op.drop_index(op.f("ix_minutes_copy_invitation_id"), table_name="minutes_copy")
    op.drop_table("minutes_copy")
    op.drop_index(op.f("ix_minute_meeting_id"), table_name="minute")
    op.drop_index(op.f("ix_minute_case_id"), table_name="minute")
    op.drop_table("minute")
    op.drop_index(
        "uq_decision_outcome",
        table_name="decision",
        postgresql_where=sa.text("outcome IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_decision_meeting_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_item_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_case_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_table("closed_reader")
    op.drop_index("uq_minutes_issue_number", table_name="minutes_issue", postgresql_nulls_not_distinct=True)
    op.drop_index(op.f("ix_minutes_issue_case_id"), table_name="minutes_issue")
    op.drop_table("minutes_issue")
    op.drop_index(
        "uq_level_proposal_open", table_name="level_proposal", postgresql_where=sa.text("settled_at IS NULL")
    )
    op.drop_index(op.f("ix_level_proposal_case_id"), table_name="level_proposal")
    op.drop_table("level_proposal")
    op.drop_index(
        "uq_family_passage_standing",
        table_name="family_passage",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index(op.f("ix_family_passage_case_id"), table_name="family_passage")
    op.drop_table("family_passage")
    op.drop_index(op.f("ix_closed_minute_meeting_id"), table_name="closed_minute")
    op.drop_index(op.f("ix_closed_minute_case_id"), table_name="closed_minute")
    op.drop_table("closed_minute")
