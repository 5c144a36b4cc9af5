"""Actions of an owner by the day on which they are due, and by when they were over

Revision ID: b6d32d5b70ee
Revises: 5f0c83b1d947
"""

from alembic import op

revision = "b6d32d5b70ee"
down_revision = "5f0c83b1d947"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_action_open_of_person": "action (owner_id, due_on, id) where reach_until is null",
    "ix_action_open_of_team": "action (owner_team_id, due_on, id) where reach_until is null",
    "ix_action_over_of_person": "action (owner_id, reach_until, id) where reach_until is not null",
    "ix_action_over_of_team": "action (owner_team_id, reach_until, id) where reach_until is not null",
    "ix_action_open_on_concern": ("action (due_on, id) where concern_id is not null and reach_until is null"),
    "ix_action_over_on_concern": (
        "action (reach_until, id) where concern_id is not null and reach_until is not null"
    ),
}


def upgrade() -> None:
    """The indexes alone, which are built beside whoever writes."""


def downgrade() -> None:
    """Found by walking through all that an owner ever had."""
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
