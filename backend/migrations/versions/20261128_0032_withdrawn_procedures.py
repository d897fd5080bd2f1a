"""A county may withdraw its own edition of a procedure: the city's is in force there again."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0036a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "procedure", sa.Column("withdrawn", sa.Boolean, server_default="false", nullable=False)
    )


def downgrade() -> None:
    op.execute("DELETE FROM procedure WHERE withdrawn")
    op.drop_column("procedure", "withdrawn")
