"""Questions to somebody by the day on which they are due, and by when they were answered

Revision ID: d4399e916b9e
Revises: b6d32d5b70ee
"""

from alembic import op

revision = "d4399e916b9e"
down_revision = "b6d32d5b70ee"
branch_labels = None
depends_on = None

_OPEN, _ANSWERED = "answered_at is null and withdrawn_at is null", "answered_at is not null"
CONCURRENTLY = {
    "ix_information_request_open_to_person": f"information_request (asked_user_id, due_at, id) where {_OPEN}",
    "ix_information_request_open_to_team": f"information_request (asked_team_id, due_at, id) where {_OPEN}",
    "ix_information_request_answered_by_person": (
        f"information_request (asked_user_id, answered_at, id) where {_ANSWERED}"
    ),
    "ix_information_request_answered_by_team": (
        f"information_request (asked_team_id, answered_at, id) where {_ANSWERED}"
    ),
}


def upgrade() -> None:
    """The indexes alone, which are built beside whoever writes."""


def downgrade() -> None:
    """Found by walking through all that somebody was ever asked."""
    for name in CONCURRENTLY:
        op.execute(f"drop index if exists {name}")
