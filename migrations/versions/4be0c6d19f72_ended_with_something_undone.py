"""A case that ends before a strategy discussion is held, or while the child is missing, says why

Revision ID: 4be0c6d19f72
Revises: 1076c43d1fd9
"""

import sqlalchemy as sa
from alembic import op

revision = "4be0c6d19f72"
down_revision = "1076c43d1fd9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_closure", sa.Column("undone_reason", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("case_closure", "undone_reason")
