"""The list of who could not be told shows what is urgent first, and the newest first

Revision ID: dfaa00197842
Revises: 6450d43d9ea6
"""

import sqlalchemy as sa
from alembic import op

revision = "dfaa00197842"
down_revision = "6450d43d9ea6"
branch_labels = None
depends_on = None

_OPEN = sa.text("seen_to_at is null")


def upgrade() -> None:
    """A page of the list is read in the order of its index."""
    op.drop_index("ix_untold_open", "untold")
    op.create_index("ix_untold_open", "untold", ["urgent", "created_at", "id"], postgresql_where=_OPEN)


def downgrade() -> None:
    """The oldest first again."""
    op.drop_index("ix_untold_open", "untold")
    op.create_index("ix_untold_open", "untold", ["created_at", "id"], postgresql_where=_OPEN)
