"""Categories that are about somebody at home: strangers hear nothing of such matters nearby.

Revision ID: 0025a
Revises: 0026b
"""

import sqlalchemy as sa
from alembic import op

revision = "0025a"
down_revision = "0026b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "category", sa.Column("personal", sa.Boolean, server_default="false", nullable=False)
    )
    # The one of the scheme that comes with the product.
    op.execute("UPDATE category SET personal = true WHERE code = '0401' AND icon = 'heart'")


def downgrade() -> None:
    op.drop_column("category", "personal")
