"""The open duties of an owner in the order in which they are shown; forms by who has them

Revision ID: 9e4b71c0d2aa
Revises: c0ec6fb34a7b
"""

from alembic import op

revision = "9e4b71c0d2aa"
down_revision = "c0ec6fb34a7b"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_deadline_of_person": "deadline (owner_id, state, due_at, id)",
    "ix_deadline_of_team": "deadline (owner_team_id, state, due_at, id)",
    "ix_deadline_of_agency": "deadline (owner_agency_id, state, due_at, id)",
    "ix_referral_claimed_by": "referral (claimed_by)",
}
#: What those do better, by the statement that makes it again.
REPLACED = {
    "ix_deadline_owner": "deadline (owner_id, state, due_at)",
    "ix_deadline_owner_team": "deadline (owner_team_id, state, due_at)",
    "ix_deadline_owner_agency": "deadline (owner_agency_id, state, due_at)",
}


def upgrade() -> None:
    pass


def downgrade() -> None:
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
    for name, rest in REPLACED.items():
        op.execute(f"create index if not exists {name} on {rest}")
