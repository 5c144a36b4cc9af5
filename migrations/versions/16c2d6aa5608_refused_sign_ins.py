"""Count refused sign-ins, so that a minute of them does not fill the audit trail

Revision ID: 16c2d6aa5608
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "16c2d6aa5608"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("beyond", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "provider", name=op.f("pk_refused")),
        schema="ctx",
    )


def downgrade() -> None:
    op.drop_table("refused", schema="ctx")
