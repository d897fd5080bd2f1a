"""What a body still has to do on lists is found without all that it ever did."""

from alembic import op

revision = "0039"
down_revision = "0035"


def upgrade() -> None:
    """Index the open items of each organization."""
    op.execute("SET lock_timeout = '10s'")
    op.create_index(
        "ix_item_doing", "item", ["organization_id", "id"],
        postgresql_where="organization_id IS NOT NULL AND closed_at IS NULL",
    )  # fmt: skip


def downgrade() -> None:
    """Find them among all."""
    op.drop_index("ix_item_doing", table_name="item")
