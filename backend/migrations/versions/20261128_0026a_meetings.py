"""Why a point did not take effect, in full; points that can be put back on the agenda."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026a"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("review_entry", sa.Column("outcome_params", JSONB))
    op.add_column("review_entry", sa.Column("removed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.execute("DELETE FROM review_entry WHERE removed_at IS NOT NULL")
    op.drop_column("review_entry", "removed_at")
    op.drop_column("review_entry", "outcome_params")
