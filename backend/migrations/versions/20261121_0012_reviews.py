"""Review meetings: agenda, people, votes, and the line-by-line record that everyone follows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CODE, COUNTY = sa.String(18, collation="C"), sa.String(6, collation="C")
ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"

# Who governs the place, and who signed in to the meeting.
SEEN = f"""
    {SCOPE} @> (county_code || '/' || area_code) COLLATE "C"
    OR EXISTS (
        SELECT FROM review_person
        WHERE review_person.county_code = review.county_code
          AND review_person.review_id = review.id AND review_person.account_id = {ACCOUNT})
"""


# Whoever knows the code on the projector may come in; before that no scope shows the meeting.
FIND_REVIEW = """
CREATE FUNCTION find_review(wanted text, since timestamptz, until timestamptz)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT review.county_code, review.id FROM review
    WHERE review.code = wanted AND review.state <> 'ended'
      AND review.starts_at BETWEEN since AND until
    ORDER BY review.starts_at LIMIT 1
$$
"""


def key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("county_code", COUNTY, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
    )


def when(name: str, *, null: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def of_review(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_code", "review_id"], ["review.county_code", "review.id"],
        name=f"fk_{table}_county_code_review_id",
    )  # fmt: skip


def review_id() -> sa.Column:
    return sa.Column("review_id", sa.Uuid, nullable=False)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "review", *key(),
        sa.Column("review_no", sa.String, nullable=False),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        when("starts_at", null=False), when("opened_at"), when("ended_at"),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("chair_id", sa.Uuid, nullable=False),
        sa.Column("presenter_id", sa.Uuid),
        sa.Column("previous_id", sa.Uuid),
        sa.Column("entry_id", sa.Uuid),
        sa.Column("view", postgresql.JSONB),
        sa.Column("seq", sa.Integer, server_default="0", nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("county_code", "review_no", name="uq_review_county_code_review_no"),
    )  # fmt: skip
    op.create_index("ix_review_area", "review", ["county_code", "area_code", "starts_at"])
    op.create_index(
        "ix_review_code", "review", ["code"], postgresql_where=sa.text("state <> 'ended'")
    )
    op.create_table(
        "review_entry", *key(), review_id(),
        sa.Column("position", sa.Float, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("event_id", sa.Uuid), sa.Column("item_id", sa.Uuid),
        sa.Column("hot_spot_id", sa.Uuid),
        sa.Column("decision", sa.String),
        sa.Column("body", postgresql.JSONB),
        sa.Column("decided_by", sa.Uuid), when("decided_at"),
        sa.Column("outcome", sa.String),
        sa.Column("made_item_id", sa.Uuid),
        of_review("review_entry"),
    )  # fmt: skip
    op.create_index("ix_review_entry_review", "review_entry", ["county_code", "review_id"])
    op.create_index(
        "ix_review_entry_event", "review_entry", ["county_code", "event_id"],
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "review_person", *key(), review_id(),
        sa.Column("account_id", sa.Uuid),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        when("signed_at", null=False),
        of_review("review_person"),
    )  # fmt: skip
    op.create_index("ix_review_person_review", "review_person", ["county_code", "review_id"])
    op.create_index("ix_review_person_account", "review_person", ["account_id", "review_id"])
    op.create_table(
        "review_line", *key(), review_id(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("entry_id", sa.Uuid),
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("details", postgresql.JSONB, nullable=False),
        when("at", null=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        of_review("review_line"),
        sa.UniqueConstraint(
            "county_code", "review_id", "seq", name="uq_review_line_county_code_review_id_seq"
        ),
    )  # fmt: skip
    op.create_table(
        "review_vote", *key(), review_id(),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("choice", sa.String, nullable=False),
        when("at", null=False),
        of_review("review_vote"),
        sa.UniqueConstraint(
            "county_code", "entry_id", "account_id",
            name="uq_review_vote_county_code_entry_id_account_id",
        ),
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON review, review_vote TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON review_person TO onemap_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON review_entry TO onemap_app")
    op.execute("GRANT SELECT, INSERT ON review_line TO onemap_app")
    op.execute("ALTER TABLE review ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY seen ON review FOR SELECT TO onemap_app USING ({SEEN})")
    op.execute("CREATE POLICY added ON review FOR INSERT TO onemap_app WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY changed ON review FOR UPDATE TO onemap_app USING ({SEEN}) WITH CHECK (true)"
    )
    op.execute(FIND_REVIEW)
    signature = "find_review(text, timestamptz, timestamptz)"
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO onemap_app")
    for table in ("review_line",):
        of = (
            f"EXISTS (SELECT FROM review WHERE review.county_code = {table}.county_code"
            f" AND review.id = {table}.review_id)"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({of})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK (true)")


def downgrade() -> None:
    op.execute("DROP FUNCTION find_review(text, timestamptz, timestamptz)")
    for table in ("review_vote", "review_line", "review_person", "review_entry"):
        op.drop_table(table)
    op.drop_table("review")
