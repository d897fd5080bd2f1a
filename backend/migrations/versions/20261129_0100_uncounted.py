"""Hot spots with very many reports are counted by a job, not at each report."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "hot_spot", sa.Column("uncounted", sa.Boolean, server_default=sa.false(), nullable=False)
    )
    # What was counted before, with what is restricted since, is counted anew once.
    op.execute("UPDATE hot_spot SET uncounted = true")
    op.execute("CREATE INDEX ix_hot_spot_uncounted ON hot_spot (county_code, id) WHERE uncounted")


def downgrade() -> None:
    op.drop_column("hot_spot", "uncounted")
