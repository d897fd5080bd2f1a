"""Moments at which somebody must be told that a matter waits too long."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "alarm",
        sa.Column("county_code", sa.String(6, collation="C"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "county_code",
            "event_id",
            "kind",
            "name",
            name="uq_alarm_county_code_event_id_kind_name",
        ),
    )
    op.create_index("ix_alarm_at", "alarm", ["county_code", "at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON alarm TO onemap_app")


def downgrade() -> None:
    op.drop_table("alarm")
