"""Items come back by themselves, remind of their day, and name the people who do them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("item", sa.Column("people", sa.String, server_default="", nullable=False))
    op.add_column(
        "item", sa.Column("reminded", sa.SmallInteger, server_default="0", nullable=False)
    )
    op.create_index(
        "ix_item_due", "item", ["county_code", "due_on"],
        postgresql_where=sa.text("closed_at IS NULL AND reminded < 2 AND due_on IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_item_recurs", "item", ["county_code", "id"],
        postgresql_where=sa.text("recurs IS NOT NULL AND to_item_id IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_item_recurs", "item")
    op.drop_index("ix_item_due", "item")
    op.drop_column("item", "reminded")
    op.drop_column("item", "people")
