"""The lists, meetings, decisions and assets of a whole city: past ones, made by the database.

They have no log and no people: what they are there for is their number.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.journal import GENESIS
from backend.core.settings import get_settings

# Of each village, over two years.
ITEMS, REVIEWS, ENTRIES, DELIBERATIONS, ASSETS, SPOTS = 30, 200, 8, 6, 40, 3

# A moment of the last two years for each row, and a key of that moment (UUIDv7, RFC 9562).
ROWS = """
    WITH place AS (
        SELECT v.code, v.managing_county AS county, ST_PointOnSurface(v.geom) AS point, n,
               now() - random() * interval '730 days' AS at
        FROM area AS v, generate_series(1, {n}) AS n
        WHERE v.level = 'village' AND v.valid_to IS NULL AND v.geom IS NOT NULL
    ), row AS (
        SELECT place.*, at AT TIME ZONE :zone AS here, (
            lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15)
        )::uuid AS id,
        upper(substr(md5(random()::text), 1, 10)) AS mark
        FROM place
    )
"""
MADE = (
    (
        ITEMS,
        """
        INSERT INTO item (county_code, id, item_no, kind, state, area_code, title, plan, cause,
            category_code, geom, organization_id, due_on, fund_source, moved_at, closed_at,
            progress, made_at, made_by, log_seq, log_head)
        SELECT county, id, 'P' || to_char(here, 'YYYYMMDD-') || county || '-' || mark,
            (ARRAY['problem', 'development', 'task'])[1 + n % 3],
            CASE WHEN n % 5 < 3 THEN 'achieved'
                 ELSE (ARRAY['confirmed', 'claimed', 'in_progress', 'blocked'])[1 + n % 4] END,
            code, '往年事项 ' || n, '', '', '0201', point,
            CASE WHEN n % 4 = 0 THEN NULL ELSE CAST(:body AS uuid) END,
            CAST(here + interval '90 days' AS date), '', at, CASE WHEN n % 5 < 3 THEN at END,
            CASE WHEN n % 5 < 3 THEN 100 ELSE 0 END, at, CAST(:maker AS uuid), 0, :genesis
        FROM row
        """,
    ),
    (
        REVIEWS,
        """
        INSERT INTO review (county_code, id, review_no, area_code, title, state, starts_at,
            opened_at, ended_at, code, chair_id, log_seq, log_head)
        SELECT county, id, 'M' || to_char(here, 'YYYYMMDD-') || county || '-' || mark, code,
            '往年研判会', 'ended', at, at, at + interval '1 hour', '000000',
            CAST(:maker AS uuid), 0, :genesis
        FROM row
        """,
    ),
    (
        DELIBERATIONS,
        """
        INSERT INTO deliberation (county_code, id, deliberation_no, area_code, procedure_id, title,
            matter, words, amount, state, step_code, round, made_at, made_by, moved_at, closed_at,
            log_seq, log_head)
        SELECT county, id, 'V' || to_char(here, 'YYYYMMDD-') || county || '-' || mark, code,
            (SELECT id FROM procedure ORDER BY code LIMIT 1), '往年议事 ' || n, 'spend', '往年议事',
            1000 * n, CASE WHEN n % 3 = 0 THEN 'meeting' ELSE 'done' END, 'party_assembly', 1, at,
            CAST(:maker AS uuid), at, CASE WHEN n % 3 > 0 THEN at END, 0, :genesis
        FROM row
        """,
    ),
    (
        ASSETS,
        """
        INSERT INTO asset (county_code, id, asset_no, kind, name, area_code, owner_id, geom)
        SELECT county, id, 'A' || mark,
            (ARRAY['street_light', 'manhole', 'drain', 'bin'])[1 + n % 4],
            '', code, CAST(:body AS uuid),
            ST_Translate(point, 0.004 * (random() - 0.5), 0.004 * (random() - 0.5))
        FROM row
        """,
    ),
    (
        SPOTS,
        """
        INSERT INTO hot_spot (county_code, id, category_code, area_code, geom, count, first_at,
            last_at, cause)
        SELECT county, id, '040' || n, code, point, 3 + n, at, at, '' FROM row
        """,
    ),
)
# What a meeting had on its agenda: the village's own items, as far as there are so many.
ENTRIES_OF = """
    INSERT INTO review_entry (county_code, id, review_id, position, reason, item_id, outcome)
    SELECT review.county_code, gen_random_uuid(), review.id, n, 'item', NULL, 'done'
    FROM review, generate_series(1, :n) AS n
"""

# Each month's meetings among the counters, summed as the roller would.
HELD_OF = """
    INSERT INTO counter (county_code, area_code, measure, total)
    SELECT county_code, left(area_code, length) COLLATE "C",
        to_char(ended_at AT TIME ZONE :zone, 'YYYY-MM') || '.held', count(*)
    FROM review, unnest(ARRAY[4, 6, 9, 12, 15, 18]) AS length
    WHERE state = 'ended' AND length <= length(area_code)
    GROUP BY 1, 2, 3
"""


def make(session: Session, maker: UUID, body: UUID) -> None:
    """Give every village of the city its lists, meetings, decisions, assets and hot spots."""
    given = {"maker": str(maker), "body": str(body), "genesis": GENESIS,
             "zone": get_settings().zone}  # fmt: skip
    for n, statement in MADE:
        sql = ROWS.format(n=n) + statement
        session.execute(
            text(sql), {name: value for name, value in given.items() if f":{name}" in sql}
        )
    session.execute(text(ENTRIES_OF), {"n": ENTRIES})
    session.execute(text(HELD_OF), {"zone": given["zone"]})
