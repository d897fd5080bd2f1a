"""Meetings that set themselves up, meetings that are cancelled, and their people out of sight."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CODE, COUNTY = sa.String(18, collation="C"), sa.String(6, collation="C")
ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
IN_SCOPE = f"""{SCOPE} @> (county_code || '/' || area_code) COLLATE "C" """
SIGNED = f"""
CREATE FUNCTION signed_in_to(county text, meeting uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM review_person
        WHERE county_code = county AND review_id = meeting AND account_id = {ACCOUNT})
$$
"""
# What 0012 had: the table of people was open, so the policy could look into it itself.
BEFORE = f"""
    {IN_SCOPE}
    OR EXISTS (
        SELECT FROM review_person
        WHERE review_person.county_code = review.county_code
          AND review_person.review_id = review.id AND review_person.account_id = {ACCOUNT})
"""
FIND = """
CREATE OR REPLACE FUNCTION find_review(wanted text, since timestamptz, until timestamptz)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT review.county_code, review.id FROM review
    WHERE review.code = wanted AND review.state {live}
      AND review.starts_at BETWEEN since AND until
    ORDER BY review.starts_at LIMIT 1
$$
"""
BELOW = ("review_entry", "review_person", "review_vote")


def review_policies(seen: str) -> None:
    op.execute("DROP POLICY seen ON review")
    op.execute("DROP POLICY changed ON review")
    op.execute(f"CREATE POLICY seen ON review FOR SELECT TO onemap_app USING ({seen})")
    op.execute(
        f"CREATE POLICY changed ON review FOR UPDATE TO onemap_app USING ({seen}) WITH CHECK (true)"
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "review_pattern",
        sa.Column("county_code", COUNTY, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("area_code", CODE, nullable=False),
        sa.Column("rhythm", sa.String, nullable=False),
        sa.Column("weekday", sa.SmallInteger),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_review_pattern_now", "review_pattern", ["county_code"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.execute("GRANT SELECT, INSERT, UPDATE ON review_pattern TO onemap_app")
    op.add_column("review", sa.Column("pattern_id", sa.Uuid))
    op.create_index(
        "ix_review_pattern", "review", ["county_code", "pattern_id", "starts_at"], unique=True,
        postgresql_where=sa.text("pattern_id IS NOT NULL"),
    )  # fmt: skip
    op.execute(FIND.format(live="IN ('planned', 'running')"))
    # Two policies that look into each other's table would never come to an end.
    op.execute(SIGNED)
    op.execute("REVOKE ALL ON FUNCTION signed_in_to(text, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION signed_in_to(text, uuid) TO onemap_app")
    review_policies(f"{IN_SCOPE} OR signed_in_to(county_code, id)")
    for table in BELOW:
        seen = (
            f"EXISTS (SELECT FROM review WHERE review.county_code = {table}.county_code"
            f" AND review.id = {table}.review_id)"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({seen})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK (true)")
        if table != "review_person":
            op.execute(
                f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
                f" USING ({seen}) WITH CHECK (true)"
            )
    entry = (
        "EXISTS (SELECT FROM review WHERE review.county_code = review_entry.county_code"
        " AND review.id = review_entry.review_id)"
    )
    op.execute(f"CREATE POLICY removed ON review_entry FOR DELETE TO onemap_app USING ({entry})")


def downgrade() -> None:
    op.execute("DROP POLICY removed ON review_entry")
    for table in BELOW:
        op.execute(f"DROP POLICY seen ON {table}")
        op.execute(f"DROP POLICY added ON {table}")
        op.execute(f"DROP POLICY IF EXISTS changed ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    review_policies(BEFORE)
    op.execute("DROP FUNCTION signed_in_to(text, uuid)")
    op.execute(FIND.format(live="<> 'ended'"))
    op.execute("UPDATE review SET state = 'ended' WHERE state = 'cancelled'")
    op.drop_index("ix_review_pattern", "review")
    op.drop_column("review", "pattern_id")
    op.drop_table("review_pattern")
