"""Whether a session stands is asked in one statement."""

from alembic import op

from backend.migrations.apply import apply

revision = "0036"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    apply("functions/session_stands.sql")


def downgrade() -> None:
    op.execute("DROP FUNCTION session_stands(uuid, timestamptz, date)")
