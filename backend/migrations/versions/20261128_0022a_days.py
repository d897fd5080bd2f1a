"""No day is made by the database: its session's zone need not be the city's."""

from alembic import op

revision = "0022a"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("area", "post"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN valid_from DROP DEFAULT")


def downgrade() -> None:
    for table in ("area", "post"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN valid_from SET DEFAULT CURRENT_DATE")
