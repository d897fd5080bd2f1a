"""What has no place yet has an index of its own: few among all that is open."""

from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE INDEX ix_event_placeless ON event (county_code, id)"
        " WHERE closed_at IS NULL AND length(area_code) < 12"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_event_placeless")
