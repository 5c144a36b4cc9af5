"""Whom people tell themselves, because they have no account

Revision ID: 985596ca5aea
Revises: 216c7cf5cc8a
"""

import sqlalchemy as sa
from alembic import op

revision = "985596ca5aea"
down_revision = "216c7cf5cc8a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A duty each, of whoever made it happen. Of what happened before nobody is asked for now."""
    op.create_table(
        "told_by_hand",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_reference", sa.Text()),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("referral_id", sa.Uuid()),
        sa.Column("meeting_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_on", sa.Date()),
        sa.Column("way", sa.Text()),
        sa.Column("told_by", sa.Text()),
        sa.Column("recorded_by", sa.Uuid()),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
        sa.Column("dropped_by", sa.Uuid()),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.Column("dropped_reason", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(told_on is null) = (way is null) and (told_on is null) = (told_by is null)"
            " and (told_on is null) = (recorded_at is null)",
            name=op.f("ck_told_by_hand_told_as_a_whole"),
        ),
        sa.CheckConstraint(
            "(dropped_at is null) = (dropped_reason is null)",
            name=op.f("ck_told_by_hand_dropped_with_a_reason"),
        ),
        sa.CheckConstraint(
            "told_on is null or dropped_at is null", name=op.f("ck_told_by_hand_told_or_dropped")
        ),
        sa.CheckConstraint(
            "num_nonnulls(case_id, referral_id, meeting_id) >= 1",
            name=op.f("ck_told_by_hand_hangs_on_something"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [whose], name=op.f(f"fk_told_by_hand_{column}"))
            for column, whose in (
                ("case_id", "cre_case.id"),
                ("referral_id", "referral.id"),
                ("meeting_id", "meeting.id"),
                ("asked_by", "app_user.id"),
                ("agency_id", "agency.id"),
                ("recorded_by", "app_user.id"),
                ("dropped_by", "app_user.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_by_hand")),
        sa.UniqueConstraint("key", name=op.f("uq_told_by_hand_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_told_by_hand_reference")),
    )
    for column in ("case_id", "referral_id", "meeting_id"):
        op.create_index(op.f(f"ix_told_by_hand_{column}"), "told_by_hand", [column])
    op.create_index("ix_told_by_hand_subject", "told_by_hand", ["subject_kind", "subject_id"])
    op.create_table(
        "by_hand_change",
        sa.Column("told_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by", sa.Uuid()),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [whose], name=op.f(f"fk_by_hand_change_{column}"))
            for column, whose in (
                ("told_id", "told_by_hand.id"),
                ("recorded_by", "app_user.id"),
                ("corrected_by", "app_user.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_by_hand_change")),
    )
    op.create_index(op.f("ix_by_hand_change_told_id"), "by_hand_change", ["told_id"])


def downgrade() -> None:
    """Its duties go with it: nothing else says whom they are about."""
    op.execute("delete from deadline where kind = 'by_hand'")
    op.drop_table("by_hand_change")
    op.drop_table("told_by_hand")
