"""Meetings by codes of their county, each person once; codes in messages are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0023b"
down_revision = "0028"
branch_labels = None
depends_on = None

# A county's own people, or the city's; who works in a town comes into its meetings and those above.
FIND_REVIEW = """
CREATE FUNCTION find_review(wanted text, county text, town text, moment timestamptz)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT review.county_code::text, review.id FROM review
    WHERE review.code = wanted
      AND (review.county_code = county OR county = '000000')
      AND (town = '' OR left(review.area_code, 9) = town OR starts_with(town, review.area_code))
      AND (review.state = 'running' AND review.opened_at > moment - interval '1 day'
           OR review.state = 'planned' AND review.starts_at
              BETWEEN moment - interval '1 day' AND moment + interval '1 hour')
    ORDER BY review.starts_at LIMIT 1;
END $$
"""
BEFORE = """
CREATE FUNCTION find_review(wanted text, since timestamptz, until timestamptz)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT review.county_code, review.id FROM review
    WHERE review.code = wanted AND review.state NOT IN ('ended', 'cancelled')
      AND review.starts_at BETWEEN since AND until
    ORDER BY review.starts_at LIMIT 1
$$
"""
CODE = r"\m[34679ACDEFGHJKMNPQRTUVWXY]{8}\M"
OLD, NEW = "(text, timestamptz, timestamptz)", "(text, text, text, timestamptz)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP FUNCTION find_review{OLD}")
    op.execute(FIND_REVIEW)
    op.execute(f"REVOKE ALL ON FUNCTION find_review{NEW} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION find_review{NEW} TO onemap_app")
    # Whoever signed in twice came when they came first.
    op.execute(
        "DELETE FROM review_person later USING review_person first"
        " WHERE first.county_code = later.county_code AND first.review_id = later.review_id"
        " AND first.account_id = later.account_id"
        " AND (first.signed_at, first.id) < (later.signed_at, later.id)"
    )
    op.create_index(
        "uq_review_person_once", "review_person", ["county_code", "review_id", "account_id"],
        unique=True, postgresql_where=sa.text("account_id IS NOT NULL"),
    )  # fmt: skip
    op.add_column("message", sa.Column("words_sealed", sa.LargeBinary))
    # What was sent to strangers held the code of their report: eight signs that stand alone. Only
    # what holds one is written anew: there are millions.
    op.execute(
        f"UPDATE message SET words = regexp_replace(words, '{CODE}', '********', 'g')"
        f" WHERE account_id IS NULL AND status IN ('sent', 'failed') AND words ~ '{CODE}'"
    )


def downgrade() -> None:
    op.drop_column("message", "words_sealed")
    op.drop_index("uq_review_person_once", "review_person")
    op.execute(f"DROP FUNCTION find_review{NEW}")
    op.execute(BEFORE)
    op.execute(f"REVOKE ALL ON FUNCTION find_review{OLD} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION find_review{OLD} TO onemap_app")
