"""A question to the police says which entry it asks them to release

Revision ID: 5cdf94e591d4
Revises: a0c64be5d917
"""

import sqlalchemy as sa
from alembic import op

revision = "5cdf94e591d4"
down_revision = "a0c64be5d917"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_information_request_entry_id": "information_request (entry_id) where entry_id is not null"
}


def upgrade() -> None:
    op.add_column(
        "information_request",
        sa.Column(
            "entry_id",
            sa.Uuid(),
            sa.ForeignKey("chronology_entry.id", name="fk_information_request_entry_id"),
            nullable=True,
        ),
    )


def downgrade() -> None:
    op.drop_column("information_request", "entry_id")
