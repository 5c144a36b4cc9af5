"""What health found, by case

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_chronology_entry_health",
        "chronology_entry",
        ["case_id", "happened_at", "id"],
        unique=False,
        postgresql_where=sa.text("kind IN ('health_summary', 'attendance', 'missed_appointment', 'worry')"),
    )


def downgrade() -> None:
    op.drop_index("ix_chronology_entry_health", table_name="chronology_entry")
