"""Whoever helps with a case may have a time of its own, and be late for itself."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("assignment", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("assignment", sa.Column("overdue_at", sa.DateTime(timezone=True)))
    op.add_column(
        "event", sa.Column("late_helpers", sa.SmallInteger, server_default="0", nullable=False)
    )
    op.execute(
        "CREATE INDEX ix_event_late_helpers ON event (county_code, id) WHERE late_helpers > 0"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_event_late_helpers")
    op.drop_column("event", "late_helpers")
    op.drop_column("assignment", "overdue_at")
    op.drop_column("assignment", "due_at")
