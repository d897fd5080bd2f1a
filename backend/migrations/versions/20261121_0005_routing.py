"""Routing rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("area_code", sa.String(18, collation="C"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("condition", postgresql.JSONB, nullable=False),
        sa.Column(
            "lead_organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False
        ),
        sa.Column("co_organization_ids", sa.ARRAY(sa.Uuid), server_default="{}", nullable=False),
        sa.Column("auto", sa.Boolean, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("replaces", sa.Uuid),
    )
    op.create_index(
        "ix_routing_rule_now", "routing_rule", ["area_code"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON routing_rule TO onemap_app")


def downgrade() -> None:
    op.drop_table("routing_rule")
