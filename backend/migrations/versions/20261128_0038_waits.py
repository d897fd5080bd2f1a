"""A fact that waits for room on a disk says so."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("waits_because", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "waits_because")
