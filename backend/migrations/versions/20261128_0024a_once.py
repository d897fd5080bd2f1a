"""What was pressed twice is there once; houses are seen inside their area only.

Doubles that there are: the first stays, later ones end, and nothing is lost by it. Of posts the one
that began first stays, and holds what the others held; leaves that share days are cut, so that who
was away on a day still is; a guest of a meeting who was entered twice keeps both lines, the later
ones numbered, because a record is not shortened.

Revision ID: 0024a
Revises: 0023b
"""

import sqlalchemy as sa
from alembic import op

revision = "0024a"
down_revision = "0023b"
branch_labels = None
depends_on = None

SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"
HOUSE_SEEN = f"""{SCOPE} @> (county_code || '/' || area_code) COLLATE "C" """

# Rows of a key after the first, as (id, first): the row's key and that of the first.
DOUBLES = """
    SELECT id, first FROM (
        SELECT id, first_value(id) OVER w AS first FROM {table} WHERE {open}
        WINDOW w AS (PARTITION BY {key} ORDER BY {order})) AS numbered
    WHERE id <> first
"""

TEAMS = DOUBLES.format(
    table="team", open="closed_at IS NULL", key="organization_id, name", order="id"
)
ORGANIZATIONS = DOUBLES.format(
    table="organization", open="closed_at IS NULL", key="area_code, name", order="id"
)
POSTS = DOUBLES.format(
    table="post", open="valid_to IS NULL", key="account_id, role, area_code, organization_id",
    order="valid_from, id",
)  # fmt: skip
PATTERNS = DOUBLES.format(
    table="review_pattern", open="ended_at IS NULL",
    key="county_code, area_code, rhythm, weekday, at", order="made_at, id",
)  # fmt: skip

# The days of a leave without those of leaves entered before it: they keep their deputy. What is
# left in several pieces becomes several leaves.
LEAVES = """
    DO $$
    DECLARE
        mine leave; whose uuid; taken datemultirange; part daterange; nth integer;
    BEGIN
        FOR mine IN SELECT * FROM leave WHERE ended_at IS NULL ORDER BY account_id, id LOOP
            IF whose IS DISTINCT FROM mine.account_id THEN
                whose := mine.account_id;
                taken := '{}';
            END IF;
            nth := 0;
            FOR part IN
                SELECT unnest(
                    datemultirange(daterange(mine.first_day, mine.last_day, '[]')) - taken)
            LOOP
                nth := nth + 1;
                IF nth = 1 THEN
                    UPDATE leave SET first_day = lower(part), last_day = upper(part) - 1
                    WHERE id = mine.id;
                ELSE
                    INSERT INTO leave
                        (id, account_id, deputy_id, first_day, last_day, made_by, made_at)
                    VALUES (gen_random_uuid(), mine.account_id, mine.deputy_id, lower(part),
                            upper(part) - 1, mine.made_by, mine.made_at);
                END IF;
            END LOOP;
            IF nth = 0 THEN
                UPDATE leave SET ended_at = now() WHERE id = mine.id;
            END IF;
            taken := taken + datemultirange(daterange(mine.first_day, mine.last_day, '[]'));
        END LOOP;
    END $$
"""

ENDED = (
    # Whose team was the double, and what was given to it, is the first one's now.
    f"UPDATE post SET team_id = doubles.first FROM ({TEAMS}) AS doubles WHERE team_id = doubles.id",
    f"UPDATE assignment SET team_id = doubles.first FROM ({TEAMS}) AS doubles"
    " WHERE team_id = doubles.id",
    f"UPDATE team SET closed_at = now() FROM ({TEAMS}) AS doubles WHERE team.id = doubles.id",
    # Work, posts and rules hang on both: the later one is only told apart by its name.
    "UPDATE organization SET name = name || '（' || right(doubles.id::text, 6) || '）'"
    f" FROM ({ORGANIZATIONS}) AS doubles WHERE organization.id = doubles.id",
    # Who is in a team by one of the doubles is in it by the one that stays.
    "UPDATE post SET team_id = other.team_id FROM ("
    " SELECT DISTINCT ON (doubles.first) doubles.first, post.team_id"
    f" FROM ({POSTS}) AS doubles JOIN post USING (id) WHERE post.team_id IS NOT NULL"
    " ORDER BY doubles.first, post.valid_from, post.id"
    ") AS other WHERE post.id = other.first AND post.team_id IS NULL",
    f"UPDATE sign_in SET post_id = doubles.first FROM ({POSTS}) AS doubles"
    " WHERE post_id = doubles.id",
    # All days of a double are days of the one that stays: none is left to it, and nobody needs to
    # know which day it is.
    f"UPDATE post SET valid_to = valid_from - 1 FROM ({POSTS}) AS doubles"
    " WHERE post.id = doubles.id",
    f"UPDATE review_pattern SET ended_at = now() FROM ({PATTERNS}) AS doubles"
    " WHERE review_pattern.id = doubles.id",
    LEAVES,
    "UPDATE review_person SET"
    " name = review_person.name || '（' || right(review_person.id::text, 6) || '）' FROM ("
    " SELECT county_code, id, row_number() OVER ("
    " PARTITION BY county_code, review_id, name ORDER BY signed_at, id) AS n"
    " FROM review_person WHERE account_id IS NULL) AS numbered"
    " WHERE review_person.county_code = numbered.county_code AND review_person.id = numbered.id"
    " AND numbered.n > 1",
)
# All of them before anything is changed: waiting for one while holding others is how two who wait
# for each other come about.
LOCKED = (
    "LOCK TABLE organization, team, post, sign_in, assignment, leave, review_pattern,"
    " review_person, objection, house IN ACCESS EXCLUSIVE MODE"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(LOCKED)
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in ENDED:
        op.execute(statement)
    op.create_index(
        "uq_organization_open", "organization", ["area_code", "name"],
        unique=True, postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "uq_team_open", "team", ["organization_id", "name"],
        unique=True, postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "uq_post_held", "post", ["account_id", "role", "area_code", "organization_id"],
        unique=True, postgresql_where=sa.text("valid_to IS NULL"),
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_index(
        "uq_review_pattern_now", "review_pattern",
        ["county_code", "area_code", "rhythm", "weekday", "at"],
        unique=True, postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_index(
        "uq_review_person_guest", "review_person", ["county_code", "review_id", "name"],
        unique=True, postgresql_where=sa.text("account_id IS NULL"),
    )  # fmt: skip
    op.execute(
        "ALTER TABLE leave ADD CONSTRAINT ex_leave_days EXCLUDE USING gist"
        " (account_id WITH =, daterange(first_day, last_day, '[]') WITH &&)"
        " WHERE (ended_at IS NULL)"
    )
    op.add_column("objection", sa.Column("said_hash", sa.LargeBinary, nullable=True))
    op.execute("UPDATE objection SET said_hash = sha256(convert_to(id::text, 'UTF8'))")
    op.alter_column("objection", "said_hash", nullable=False)
    op.create_unique_constraint(
        "uq_objection_county_code_deliberation_id_said_hash", "objection",
        ["county_code", "deliberation_id", "said_hash"],
    )  # fmt: skip
    op.execute("ALTER TABLE house ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY seen ON house FOR SELECT TO onemap_app USING ({HOUSE_SEEN})")
    op.execute("CREATE POLICY added ON house FOR INSERT TO onemap_app WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY changed ON house FOR UPDATE TO onemap_app"
        f" USING ({HOUSE_SEEN}) WITH CHECK (true)"
    )


def downgrade() -> None:
    for policy in ("seen", "added", "changed"):
        op.execute(f"DROP POLICY {policy} ON house")
    op.execute("ALTER TABLE house DISABLE ROW LEVEL SECURITY")
    op.drop_constraint("uq_objection_county_code_deliberation_id_said_hash", "objection")
    op.drop_column("objection", "said_hash")
    op.drop_constraint("ex_leave_days", "leave")
    op.drop_index("uq_review_person_guest", "review_person")
    op.drop_index("uq_review_pattern_now", "review_pattern")
    op.drop_index("uq_post_held", "post")
    op.drop_index("uq_team_open", "team")
    op.drop_index("uq_organization_open", "organization")
