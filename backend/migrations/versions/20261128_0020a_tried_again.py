"""What was tried again stands in the audit list, as everything that people did."""

import sqlalchemy as sa
from alembic import op

revision = "0020a"
down_revision = "0026a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("tried_again")


def downgrade() -> None:
    op.create_table(
        "tried_again",
        sa.Column("county_code", sa.String(6, collation="C"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("because", sa.String, nullable=False),
        sa.Column("by_account", sa.Uuid, nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.execute("GRANT SELECT, INSERT ON tried_again TO onemap_app")
