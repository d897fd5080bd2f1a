"""Messages that leave the house, and their templates."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
SEEN = (
    "EXISTS (SELECT FROM event WHERE event.county_code = message.county_code"
    " AND event.id = message.event_id)"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "message",
        sa.Column("county_code", sa.String(6, collation="C"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("action_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("to_sealed", sa.LargeBinary, nullable=False),
        sa.Column("to_blind", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("status", sa.String, server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String, server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.UniqueConstraint(
            "county_code", "event_id", "action_id", "to_blind", "channel",
            name="uq_message_county_code_event_id_action_id_to_blind_channel",
        ),
    )  # fmt: skip
    op.create_index(
        "ix_message_waiting", "message", ["county_code", "due_at"],
        postgresql_where=sa.text("status IN ('waiting', 'sending')"),
    )  # fmt: skip
    op.create_index("ix_message_event", "message", ["county_code", "event_id"])
    op.create_table(
        "message_template",
        sa.Column("about", sa.String, primary_key=True),
        sa.Column("language", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON message TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON message_template TO onemap_app")
    op.execute("ALTER TABLE message ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY seen ON message FOR SELECT TO onemap_app USING ({SEEN})")
    op.execute("CREATE POLICY added ON message FOR INSERT TO onemap_app WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY changed ON message FOR UPDATE TO onemap_app"
        f" USING ({SEEN}) WITH CHECK (true)"
    )


def downgrade() -> None:
    op.drop_table("message_template")
    op.drop_table("message")
