"""Who does an action without an account; whoever owns it tells them

Revision ID: 04c218f04c44
Revises: 5693309d48f6
"""

import sqlalchemy as sa
from alembic import op

revision = "04c218f04c44"
down_revision = "5693309d48f6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was given so far its owner does each themselves."""
    for column in ("external_name", "external_role"):
        op.add_column("action", sa.Column(column, sa.Text(), nullable=False, server_default=""))
        op.alter_column("action", column, server_default=None)
    op.create_check_constraint(
        op.f("ck_action_told_by_a_person"),
        "action",
        "external_name = '' or (owner_id is not null and case_id is not null)",
    )
    op.create_check_constraint(
        op.f("ck_action_role_of_somebody"), "action", "external_name <> '' or external_role = ''"
    )


def downgrade() -> None:
    """Who has no account is known no more: the owner alone does it."""
    op.drop_constraint(op.f("ck_action_role_of_somebody"), "action")
    op.drop_constraint(op.f("ck_action_told_by_a_person"), "action")
    op.drop_column("action", "external_role")
    op.drop_column("action", "external_name")
