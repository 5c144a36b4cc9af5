"""Looking for a child who is missing: times of their own, enquiries, and a picture

Revision ID: 6d2f90ab31c5
Revises: 6b2e90d4c1f8
"""

import sqlalchemy as sa
from alembic import op

revision = "6d2f90ab31c5"
down_revision = "6b2e90d4c1f8"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_missing_episode_running": "missing_episode (child_id) where returned_at is null and withdrawn_at is null",
    "ix_attachment_episode_id": "attachment (episode_id) where episode_id is not null",
}

COLUMNS = (
    sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("last_seen_by", sa.Text(), server_default="", nullable=False),
    sa.Column("last_seen_role", sa.Text(), nullable=True),
    sa.Column("description", sa.Text(), server_default="", nullable=False),
    sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
)
CHECKS = {
    "left_by_then": "left_at is null or left_at <= missing_since",
    "found_after_it_began": "found_at is null or found_at >= missing_since",
    "found_first": "found_at is null or returned_at is null or found_at <= returned_at",
}
HOLDERS = (
    "(holder = 'referral') = (referral_id is not null) and (holder = 'answer') = (answer_id is not null)"
    " and (holder = 'entry') = (entry_id is not null) and (holder = 'meeting') = (meeting_id is not null)"
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("missing_episode", column)
    for name, condition in CHECKS.items():
        op.create_check_constraint(name, "missing_episode", condition)
    op.create_table(
        "missing_enquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_agency_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["missing_episode.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"]),
        sa.ForeignKeyConstraint(["recorded_agency_id"], ["agency.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_missing_enquiry_episode", "missing_enquiry", ["episode_id", "made_at"])
    op.add_column("attachment", sa.Column("episode_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(None, "attachment", "missing_episode", ["episode_id"], ["id"])
    op.drop_constraint(op.f("ck_attachment_hangs_on_one_record"), "attachment", type_="check")
    op.create_check_constraint(
        "hangs_on_one_record",
        "attachment",
        f"{HOLDERS} and (holder = 'episode') = (episode_id is not null)"
        " and holder in ('referral', 'answer', 'entry', 'meeting', 'episode')",
    )


def downgrade() -> None:
    op.execute("delete from attachment where holder = 'episode'")
    op.drop_constraint(op.f("ck_attachment_hangs_on_one_record"), "attachment", type_="check")
    op.create_check_constraint(
        "hangs_on_one_record",
        "attachment",
        f"{HOLDERS} and holder in ('referral', 'answer', 'entry', 'meeting')",
    )
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
    op.drop_column("attachment", "episode_id")
    op.drop_table("missing_enquiry")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_missing_episode_{name}"), "missing_episode", type_="check")
    for column in reversed(COLUMNS):
        op.drop_column("missing_episode", column.name)
