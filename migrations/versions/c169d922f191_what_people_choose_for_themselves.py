"""What people choose for themselves, and finding what is done and not confirmed

Revision ID: c169d922f191
Revises: 7989de4342ea
"""

import sqlalchemy as sa
from alembic import op

revision = "c169d922f191"
down_revision = "7989de4342ea"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_setting",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entry_kind", sa.Text(), nullable=True),
        sa.Column("entry_handling", sa.Text(), nullable=True),
        sa.Column("shortcuts", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("toured_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_person_setting_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_person_setting")),
    )
    op.create_index("ix_action_to_confirm", "action", ["done_at"], postgresql_where=sa.text("state = 'done'"))


def downgrade() -> None:
    op.drop_index("ix_action_to_confirm", table_name="action")
    op.drop_table("person_setting")
