"""Actions on a place or person of concern, beside those on a case

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ONE_SUBJECT = (
    "num_nonnulls(case_id, concern_id) = 1"
    " and (case_id is null) = (child_id is null) and (case_id is null) = (plan_id is null)"
)


def upgrade() -> None:
    op.add_column("action", sa.Column("concern_id", sa.Uuid(), nullable=True))
    op.add_column("action", sa.Column("means", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_action_concern_id"), "action", "concern", ["concern_id"], ["id"])
    op.create_index("ix_action_concern", "action", ["concern_id", "state", "due_on"], unique=False)
    for table in ("action", "action_step", "action_note"):
        op.alter_column(table, "case_id", existing_type=sa.Uuid(), nullable=True)
    for column in ("child_id", "plan_id"):
        op.alter_column("action", column, existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(op.f("ck_action_one_subject"), "action", ONE_SUBJECT)


def downgrade() -> None:
    # What was given on a concern has no place in the tables of before.
    gone = "(select id from deadline where subject_kind = 'action' and case_id is null)"
    op.execute(f"update outbox_subject set deadline_id = null where deadline_id in {gone}")  # noqa: S608 -- written here
    op.execute(f"delete from deadline_change where deadline_id in {gone}")  # noqa: S608 -- written here
    op.execute(f"delete from deadline where id in {gone}")  # noqa: S608 -- written here
    for table in ("action_step", "action_note", "action"):
        op.execute(f"delete from {table} where case_id is null")  # noqa: S608 -- tables of ours
    op.drop_constraint(op.f("ck_action_one_subject"), "action", type_="check")
    for column in ("child_id", "plan_id"):
        op.alter_column("action", column, existing_type=sa.Uuid(), nullable=False)
    for table in ("action", "action_step", "action_note"):
        op.alter_column(table, "case_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index("ix_action_concern", table_name="action")
    op.drop_constraint(op.f("fk_action_concern_id"), "action", type_="foreignkey")
    op.drop_column("action", "means")
    op.drop_column("action", "concern_id")
