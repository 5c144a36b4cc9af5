"""No text without end: a check of size on every table, which the installation of the rules adds.

Revision ID: 7a3e5b0c41d8
Revises: 5d0c91be47a2
"""

from alembic import op
from sqlalchemy import text

from portal.access.upkeep import SUFFIX

revision = "7a3e5b0c41d8"
down_revision = "5d0c91be47a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass  # the checks are installed with the row rules, after every migration


def downgrade() -> None:
    checks = text(
        "select conrelid::regclass::text, conname from pg_constraint where conname like '%' || :suffix"
    )
    for table, name in op.get_bind().execute(checks, {"suffix": SUFFIX}).all():
        op.execute(f'alter table {table} drop constraint "{name}"')
