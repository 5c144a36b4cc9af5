"""Install the rules again: what somebody leads and owns is counted for whoever looks after them.

Revision ID: 890655ee85e0
Revises: 4f1d8a6c92e7
"""

revision = "890655ee85e0"
down_revision = "4f1d8a6c92e7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The rules are installed after every migration: there is nothing else to change."""


def downgrade() -> None:
    """Likewise."""
