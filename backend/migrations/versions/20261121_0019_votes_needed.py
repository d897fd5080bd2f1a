"""Points of a meeting that are put to the vote before they are decided."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    needed = sa.Column("vote_needed", sa.Boolean, server_default="false", nullable=False)
    op.add_column("review_entry", needed)


def downgrade() -> None:
    op.drop_column("review_entry", "vote_needed")
