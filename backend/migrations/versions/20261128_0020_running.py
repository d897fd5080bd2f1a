"""Jobs' last runs, listeners' marks on facts, what was tried again, and removing what is old."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0026"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
WAITING = "done_at IS NULL AND parked_because IS NULL"

# A key is its sender's alone. Only this removes others', by age and no other reason: what a phone
# may still repeat is out of its reach.
FORGET_KEYS = """
CREATE FUNCTION forget_client_keys(county text, before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM client_key WHERE county_code = county AND id IN (
        SELECT id FROM client_key
        WHERE county_code = county AND used_at < least(before, now() - interval '90 days')
        LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "outbox",
        sa.Column("heard", postgresql.ARRAY(sa.String), server_default="{}", nullable=False),
    )
    op.add_column("outbox", sa.Column("hearing", sa.String))
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index(
        "ix_outbox_waiting", "outbox", ["county_code", "due_at"], postgresql_where=sa.text(WAITING)
    )
    op.create_index(
        "ix_outbox_parked", "outbox", ["county_code", "id"],
        postgresql_where=sa.text("done_at IS NULL AND parked_because IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_client_key_used_at", "client_key", ["used_at"], postgresql_using="brin")
    op.create_index(
        "ix_message_failed", "message", ["county_code", "id"],
        postgresql_where=sa.text("status = 'failed'"),
    )  # fmt: skip
    op.create_index(
        "ix_area_managing_county", "area", ["managing_county"],
        postgresql_where=sa.text("level IN ('city', 'county', 'town')"),
    )  # fmt: skip
    op.create_table(
        "job_run",
        sa.Column("county_code", sa.String(6, collation="C"), primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("good_at", sa.DateTime(timezone=True)),
        sa.Column("worked", sa.Integer, server_default="0", nullable=False),
        sa.Column("error", sa.String, server_default="", nullable=False),
    )
    op.create_table(
        "tried_again",
        sa.Column("county_code", sa.String(6, collation="C"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("because", sa.String, nullable=False),
        sa.Column("by_account", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON job_run TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON tried_again TO onemap_app")
    op.execute("GRANT DELETE ON outbox TO onemap_app")
    op.execute(FORGET_KEYS)
    name = "forget_client_keys(text, timestamptz, integer)"
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO onemap_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_client_keys(text, timestamptz, integer)")
    op.execute("REVOKE DELETE ON outbox FROM onemap_app")
    op.drop_table("tried_again")
    op.drop_table("job_run")
    op.drop_index("ix_area_managing_county", "area")
    op.drop_index("ix_message_failed", "message")
    op.drop_index("ix_client_key_used_at", "client_key")
    op.drop_index("ix_outbox_parked", "outbox")
    op.drop_index("ix_outbox_waiting", "outbox")
    op.create_index(
        "ix_outbox_waiting", "outbox", ["county_code", "due_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )  # fmt: skip
    op.drop_column("outbox", "hearing")
    op.drop_column("outbox", "heard")
