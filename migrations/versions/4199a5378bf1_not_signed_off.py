"""A manager who does not sign an assessment off says why, and that stands beside it

Revision ID: 4199a5378bf1
Revises: 7dd35840e919
"""

import sqlalchemy as sa
from alembic import op

revision = "4199a5378bf1"
down_revision = "7dd35840e919"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody could say so before."""
    op.add_column("risk_assessment", sa.Column("refused_by", sa.Uuid(), nullable=True))
    op.add_column("risk_assessment", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "risk_assessment", sa.Column("refused_reason", sa.Text(), nullable=False, server_default="")
    )
    op.create_foreign_key(
        op.f("fk_risk_assessment_refused_by"), "risk_assessment", "app_user", ["refused_by"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_risk_assessment_refused_by"), "risk_assessment", type_="foreignkey")
    for name in ("refused_reason", "refused_at", "refused_by"):
        op.drop_column("risk_assessment", name)
