"""A county may have a procedure of its own, beside the city's.

Revision ID: 0024
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "procedure",
        sa.Column("area_code", sa.String(18, collation="C"), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("procedure", "area_code")
