"""Meetings, and the messages by which people are told

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["entered_by"], ["app_user.id"], name=op.f("fk_absence_entered_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_absence_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_user_id"), "absence", ["user_id"], unique=False)
    op.create_table(
        "address_suspension",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_address_suspension_agency_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["app_user.id"], name=op.f("fk_address_suspension_lifted_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_address_suspension_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_address_suspension_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_suspension")),
    )
    op.create_index(
        op.f("ix_address_suspension_agency_id"), "address_suspension", ["agency_id"], unique=False
    )
    op.create_index(op.f("ix_address_suspension_team_id"), "address_suspension", ["team_id"], unique=False)
    op.create_index(op.f("ix_address_suspension_user_id"), "address_suspension", ["user_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("chair_id", sa.Uuid(), nullable=False),
        sa.Column("note_taker_id", sa.Uuid(), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("called_agency_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("required_sectors", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("quorum_reason", sa.Text(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reach_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("chair_id <> note_taker_id", name=op.f("ck_meeting_two_people")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["called_agency_id"], ["agency.id"], name=op.f("fk_meeting_called_agency_id")
        ),
        sa.ForeignKeyConstraint(["called_by"], ["app_user.id"], name=op.f("fk_meeting_called_by")),
        sa.ForeignKeyConstraint(["chair_id"], ["app_user.id"], name=op.f("fk_meeting_chair_id")),
        sa.ForeignKeyConstraint(["note_taker_id"], ["app_user.id"], name=op.f("fk_meeting_note_taker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("reference", name=op.f("uq_meeting_reference")),
    )
    op.create_index("ix_meeting_starts", "meeting", ["starts_at"], unique=False)
    op.create_table(
        "message_preference",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_message_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_message_preference")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_team_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("caused_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("handed_from_id", sa.Uuid(), nullable=True),
        sa.Column("handed_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(recipient_id is not null)::int + (recipient_team_id is not null)::int = 1",
            name=op.f("ck_outbox_message_tells_one"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_outbox_message_agency_id")),
        sa.ForeignKeyConstraint(["caused_by"], ["app_user.id"], name=op.f("fk_outbox_message_caused_by")),
        sa.ForeignKeyConstraint(
            ["handed_from_id"], ["app_user.id"], name=op.f("fk_outbox_message_handed_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["app_user.id"], name=op.f("fk_outbox_message_recipient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_team_id"], ["team.id"], name=op.f("fk_outbox_message_recipient_team_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    op.create_index("ix_outbox_message_agency", "outbox_message", ["agency_id", "created_at"], unique=False)
    op.create_index("ix_outbox_message_bell", "outbox_message", ["recipient_id", "created_at"], unique=False)
    op.create_index("ix_outbox_message_newest", "outbox_message", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_outbox_message_recipient_team_id"), "outbox_message", ["recipient_team_id"], unique=False
    )
    op.create_index("ix_outbox_message_state", "outbox_message", ["state", "created_at"], unique=False)
    op.create_index(
        "ix_outbox_message_unread",
        "outbox_message",
        ["recipient_id"],
        unique=False,
        postgresql_where=sa.text("read_at is null"),
    )
    op.create_index(
        "ix_outbox_message_waiting",
        "outbox_message",
        ["urgent", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("state in ('owed', 'queued')"),
    )
    op.create_table(
        "invitation",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("comes_id", sa.Uuid(), nullable=True),
        sa.Column("external_name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("reply_reason", sa.Text(), nullable=True),
        sa.Column("replied_by", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=True),
        sa.Column("attendance_note", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(agency_id is null) = (external_name is not null)",
            name=op.f("ck_invitation_of_an_agency_or_outside"),
        ),
        sa.CheckConstraint(
            "agency_id is null or team_id is not null or user_id is not null",
            name=op.f("ck_invitation_asks_someone"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_invitation_agency_id")),
        sa.ForeignKeyConstraint(["comes_id"], ["app_user.id"], name=op.f("fk_invitation_comes_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["app_user.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_invitation_meeting_id")),
        sa.ForeignKeyConstraint(["replied_by"], ["app_user.id"], name=op.f("fk_invitation_replied_by")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_invitation_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("reference", name=op.f("uq_invitation_reference")),
    )
    op.create_index(op.f("ix_invitation_comes_id"), "invitation", ["comes_id"], unique=False)
    op.create_index(op.f("ix_invitation_meeting_id"), "invitation", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_invitation_team_id"), "invitation", ["team_id"], unique=False)
    op.create_index(op.f("ix_invitation_user_id"), "invitation", ["user_id"], unique=False)
    op.create_table(
        "meeting_change",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_meeting_change_changed_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_change_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_change")),
    )
    op.create_index(op.f("ix_meeting_change_meeting_id"), "meeting_change", ["meeting_id"], unique=False)
    op.create_table(
        "absence_cover",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_absence_cover_absence_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_absence_cover_case_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["app_user.id"], name=op.f("fk_absence_cover_deputy_id")),
        sa.PrimaryKeyConstraint("absence_id", "case_id", name=op.f("pk_absence_cover")),
    )
    op.create_index(op.f("ix_absence_cover_deputy_id"), "absence_cover", ["deputy_id"], unique=False)
    op.create_table(
        "access_request",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_agency_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_access_request_answered_by")),
        sa.ForeignKeyConstraint(
            ["asked_agency_id"], ["agency.id"], name=op.f("fk_access_request_asked_agency_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_access_request_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_access_request_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    op.create_index(op.f("ix_access_request_asked_by"), "access_request", ["asked_by"], unique=False)
    op.create_index(op.f("ix_access_request_case_id"), "access_request", ["case_id"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_agenda_item_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_case_id"), "agenda_item", ["case_id"], unique=False)
    op.create_index(op.f("ix_agenda_item_meeting_id"), "agenda_item", ["meeting_id"], unique=False)
    op.create_table(
        "meeting_case",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_meeting_case_case_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_meeting_case_child_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_case_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "case_id", name=op.f("pk_meeting_case")),
    )
    op.create_index(op.f("ix_meeting_case_case_id"), "meeting_case", ["case_id"], unique=False)
    op.create_index(op.f("ix_meeting_case_child_id"), "meeting_case", ["child_id"], unique=False)
    op.create_table(
        "meeting_handout",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_meeting_handout_case_id")),
        sa.ForeignKeyConstraint(["handed_by"], ["app_user.id"], name=op.f("fk_meeting_handout_handed_by")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_meeting_handout_invitation_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_handout_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_handout")),
    )
    op.create_index(op.f("ix_meeting_handout_case_id"), "meeting_handout", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_meeting_handout_invitation_id"), "meeting_handout", ["invitation_id"], unique=False
    )
    op.create_index(op.f("ix_meeting_handout_meeting_id"), "meeting_handout", ["meeting_id"], unique=False)
    op.create_table(
        "meeting_paper",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("not_needed_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_meeting_paper_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_paper_meeting_id")),
        sa.ForeignKeyConstraint(["received_by"], ["app_user.id"], name=op.f("fk_meeting_paper_received_by")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["information_request.id"], name=op.f("fk_meeting_paper_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_paper")),
    )
    op.create_index(op.f("ix_meeting_paper_case_id"), "meeting_paper", ["case_id"], unique=False)
    op.create_index(op.f("ix_meeting_paper_meeting_id"), "meeting_paper", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_meeting_paper_request_id"), "meeting_paper", ["request_id"], unique=False)
    op.create_table(
        "outbox_subject",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("deadline_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_outbox_subject_case_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_outbox_subject_deadline_id")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_outbox_subject_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox_subject")),
    )
    op.create_index(op.f("ix_outbox_subject_case_id"), "outbox_subject", ["case_id"], unique=False)
    op.create_index("ix_outbox_subject_deadline", "outbox_subject", ["deadline_id"], unique=False)
    op.create_index("ix_outbox_subject_reference", "outbox_subject", ["reference"], unique=False)
    op.create_index(
        "ix_outbox_subject_subject", "outbox_subject", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "reminder_plan",
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_reminder_plan_deadline_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("deadline_id", name=op.f("pk_reminder_plan")),
    )
    op.create_index("ix_reminder_plan_look", "reminder_plan", ["look_at"], unique=False)
    op.create_index("ix_reminder_plan_policy", "reminder_plan", ["policy_version"], unique=False)
    op.create_index(
        "ix_referral_notice_drafts",
        "referral_notice",
        ["saved_at"],
        unique=False,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.add_column("deadline", sa.Column("meeting_id", sa.Uuid(), nullable=True))
    op.add_column("deadline", sa.Column("given_by", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_deadline_meeting_id"), "deadline", ["meeting_id"], unique=False)
    op.create_foreign_key(op.f("fk_deadline_given_by"), "deadline", "app_user", ["given_by"], ["id"])
    op.create_foreign_key(op.f("fk_deadline_meeting_id"), "deadline", "meeting", ["meeting_id"], ["id"])
    op.add_column("information_request", sa.Column("meeting_id", sa.Uuid(), nullable=True))
    op.add_column("information_request", sa.Column("withdrawn_reason", sa.Text(), nullable=True))
    op.create_index("ix_information_request_asked_by", "information_request", ["asked_by", "asked_at"])
    op.create_index(
        op.f("ix_information_request_meeting_id"), "information_request", ["meeting_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_information_request_meeting_id"), "information_request", "meeting", ["meeting_id"], ["id"]
    )
    op.add_column("access_grant", sa.Column("meeting_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_access_grant_meeting_id"), "access_grant", ["meeting_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_access_grant_meeting_id"), "access_grant", "meeting", ["meeting_id"], ["id"]
    )
    _subjects_of_a_deadline("case_id", "referral_id", "disclosure_id", "request_id", "meeting_id")
    # Every duty that is open now is looked at when the worker starts.
    op.execute(
        "insert into reminder_plan (deadline_id, since, look_at, told_until, policy_version)"
        " select id, now(), now(), now(), null from deadline where state = 'open'"
    )


def downgrade() -> None:
    op.execute(
        "delete from deadline"
        " where case_id is null and referral_id is null and disclosure_id is null and request_id is null"
    )
    _subjects_of_a_deadline("case_id", "referral_id", "disclosure_id", "request_id")
    op.drop_constraint(op.f("fk_information_request_meeting_id"), "information_request", type_="foreignkey")
    op.drop_index(op.f("ix_information_request_meeting_id"), table_name="information_request")
    op.drop_index("ix_information_request_asked_by", table_name="information_request")
    op.drop_column("information_request", "withdrawn_reason")
    op.drop_column("information_request", "meeting_id")
    op.drop_constraint(op.f("fk_access_grant_meeting_id"), "access_grant", type_="foreignkey")
    op.drop_index(op.f("ix_access_grant_meeting_id"), table_name="access_grant")
    op.drop_column("access_grant", "meeting_id")
    op.drop_constraint(op.f("fk_deadline_meeting_id"), "deadline", type_="foreignkey")
    op.drop_constraint(op.f("fk_deadline_given_by"), "deadline", type_="foreignkey")
    op.drop_index(op.f("ix_deadline_meeting_id"), table_name="deadline")
    op.drop_column("deadline", "given_by")
    op.drop_column("deadline", "meeting_id")
    op.drop_index("ix_referral_notice_drafts", table_name="referral_notice")
    op.drop_table("reminder_plan")
    op.drop_table("outbox_subject")
    op.drop_table("meeting_paper")
    op.drop_table("meeting_handout")
    op.drop_table("meeting_case")
    op.drop_table("agenda_item")
    op.drop_table("access_request")
    op.drop_table("absence_cover")
    op.drop_table("meeting_change")
    op.drop_table("invitation")
    op.drop_table("outbox_message")
    op.drop_table("message_preference")
    op.drop_table("meeting")
    op.drop_table("address_suspension")
    op.drop_table("absence")


def _subjects_of_a_deadline(*columns: str) -> None:
    """A deadline has at least one of these subjects."""
    name = op.f("ck_deadline_has_a_subject")
    op.drop_constraint(name, "deadline", type_="check")
    there = " + ".join(f"({column} is not null)::int" for column in columns)
    op.create_check_constraint(name, "deadline", f"{there} >= 1")
