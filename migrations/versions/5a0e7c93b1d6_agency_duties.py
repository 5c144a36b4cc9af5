"""What an agency owes and leads by an index, open duties by their kind, and how far a tick came that does not look at everything at once

Revision ID: 5a0e7c93b1d6
Revises: 0e6b93d1f4a7
"""

import sqlalchemy as sa
from alembic import op

revision = "5a0e7c93b1d6"
down_revision = "0e6b93d1f4a7"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_deadline_owner_agency": "deadline (owner_agency_id, state, due_at)",
    "ix_deadline_open_kind": "deadline (kind, due_at) where state = 'open'",
    "ix_cre_case_lead_agency_id": "cre_case (lead_agency_id)",
}


def upgrade() -> None:
    op.add_column("heartbeat", sa.Column("reached", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("heartbeat", "reached")
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
