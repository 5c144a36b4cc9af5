"""What is said of a child by an information form says who sent it, and when

Revision ID: 1076c43d1fd9
Revises: 2d8f41c6b7e0
"""

import sqlalchemy as sa
from alembic import op

revision = "1076c43d1fd9"
down_revision = "2d8f41c6b7e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("child_statement", sa.Column("sender", sa.Text(), nullable=False, server_default=""))
    op.add_column("child_statement", sa.Column("sent_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("child_statement", "sent_on")
    op.drop_column("child_statement", "sender")
