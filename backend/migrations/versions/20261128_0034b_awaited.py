"""A suspended case may wait for a list item."""

import sqlalchemy as sa
from alembic import op

revision = "0034b"
down_revision = "0034a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "item_event", sa.Column("awaited", sa.Boolean, server_default="false", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("item_event", "awaited")
