"""What was handed to a child whom nobody invited

Revision ID: 8c1d5f27be60
Revises: 7a3e5d18c0b4
"""

from alembic import op

revision = "8c1d5f27be60"
down_revision = "7a3e5d18c0b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without an invitation it was handed to the child of the case. Processes of the release before pass over it."""
    op.alter_column("meeting_handout", "invitation_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_meeting_handout_to_somebody"),
        "meeting_handout",
        "invitation_id is not null or case_id is not null",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_meeting_handout_to_somebody"), "meeting_handout")
    op.alter_column("meeting_handout", "invitation_id", nullable=False)
