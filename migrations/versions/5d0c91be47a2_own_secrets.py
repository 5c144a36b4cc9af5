"""A provider's secret is in the setting that is named for it, and in no other

Revision ID: 5d0c91be47a2
Revises: 7c41d09be5a2
"""

from alembic import op

revision = "5d0c91be47a2"
down_revision = "7c41d09be5a2"
branch_labels = None
depends_on = None

CHECK = "ck_identity_provider_own_secret"


def upgrade() -> None:
    op.execute(
        "update identity_provider set secret_name = 'OIDC_SECRET_' || upper(replace(code, '-', '_'))"
        " where secret_name is not null"
    )
    op.create_check_constraint(
        op.f(CHECK), "identity_provider", "secret_name = 'OIDC_SECRET_' || upper(replace(code, '-', '_'))"
    )


def downgrade() -> None:
    op.drop_constraint(op.f(CHECK), "identity_provider", type_="check")
