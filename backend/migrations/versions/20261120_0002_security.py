"""Row-level security, grants and the functions that cross it on purpose.

The policies have the arms of `backend.events.queries.visible_to`. Their settings are written at
each transaction's begin (`backend.core.db`); `nullif(..., '')` because a setting that was local to
an earlier transaction reads as '' afterwards. The owner is not forced under its own policies: only
migrations, seeds and the two definer functions below run as the owner.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_app') THEN
        CREATE ROLE onemap_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onemap_tiles') THEN
        CREATE ROLE onemap_tiles NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
END $$;
"""

# A scope is a multirange of 'county/area' keys, so that no slice reaches into another county.
TYPE = """
CREATE TYPE code_range AS RANGE (
    subtype = text, collation = "C", multirange_type_name = code_multirange)
"""

ACCOUNT = "nullif(current_setting('onemap.account', true), '')::uuid"
ORGANIZATION = "nullif(current_setting('onemap.organization', true), '')::uuid"
TRACKED = "nullif(current_setting('onemap.tracked', true), '')::uuid"
NIL = "00000000-0000-0000-0000-000000000000"
SCOPE = "nullif(current_setting('onemap.scope', true), '')::code_multirange"

EVENT_SEEN = f"""
    {SCOPE} @> (county_code || '/' || area_code) COLLATE "C"
    OR reporter_id = {ACCOUNT}
    OR id = {TRACKED}
    OR EXISTS (
        SELECT FROM assignment
        WHERE assignment.county_code = event.county_code AND assignment.event_id = event.id
          AND assignment.organization_id = {ORGANIZATION}
          AND assignment.status <> 'withdrawn')
"""


def of_event(table: str, county: str, event: str) -> str:
    """Rows of a table that hang on an event are seen by those who see the event."""
    return (
        f"EXISTS (SELECT FROM event WHERE event.county_code = {table}.{county}"
        f" AND event.id = {table}.{event})"
    )


POLICIES = {
    "event": EVENT_SEEN,
    "event_action": of_event("event_action", "county_code", "event_id"),
    "event_contact": of_event("event_contact", "county_code", "id"),
    "reveal": of_event("reveal", "county_code", "event_id"),
    # What nobody in particular uploaded (the nil account) is nobody's once a report has taken it.
    "media": f"""
        uploaded_by = {ACCOUNT} AND (uploaded_by <> '{NIL}' OR event_id IS NULL)
        OR {of_event("media", "event_county", "event_id")}""",
    "notice": f"account_id = {ACCOUNT}",
}

GRANTS = {
    "SELECT": (
        "account area area_shape assignment category client_key counter counter_delta event"
        " event_action event_contact invitation media notice organization outbox post reveal"
        " sign_in house"
    ),
    "INSERT": (
        "account area area_shape assignment client_key counter counter_delta event event_action"
        " event_contact invitation media notice organization outbox post reveal sign_in house"
    ),
    # The log (event_action, reveal) is missing here and below: what was written stays.
    "UPDATE": (
        "account area assignment client_key counter counter_delta event invitation media notice"
        " organization outbox post sign_in house"
    ),
    "DELETE": "area_shape counter_delta media",
}

# Opening a report by its number and code happens before there is a scope; the answer is the key of
# the event and nothing else, and only to somebody who knows 37 random bits.
FIND_TRACKED = """
CREATE FUNCTION find_tracked(wanted_no text, code_hash bytea)
RETURNS TABLE (county_code text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT event.county_code, event.id FROM event
    WHERE event.county_code = split_part(wanted_no, '-', 2) AND event.event_no = wanted_no
      AND event.track_hash = code_hash
$$
"""

# Likely duplicates: PostGIS operators are not leakproof and lose their index under a policy (0.3 ms
# become 100 ms and more), so the scope is an explicit parameter here, checked inside.
EVENTS_NEAR = """
CREATE FUNCTION events_near(lon float8, lat float8, radius_m float8, scope code_multirange)
RETURNS TABLE (county_code text, id uuid, distance_m float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT event.county_code, event.id,
           ST_Distance(event.geom::geography, ST_SetSRID(ST_Point(lon, lat), 4490)::geography)
    FROM event
    WHERE event.geom && ST_Expand(
              ST_SetSRID(ST_Point(lon, lat), 4490),
              radius_m / (111000.0 * greatest(0.1, cos(radians(lat)))))
      AND ST_DWithin(event.geom::geography,
                     ST_SetSRID(ST_Point(lon, lat), 4490)::geography, radius_m)
      AND event.closed_at IS NULL
      AND scope @> (event.county_code || '/' || event.area_code) COLLATE "C"
    ORDER BY 3 LIMIT 20
$$
"""

# One tile of open events. The arms are those of the policy, as parameters. Below zoom 13 events
# that share a cell (an eighth of the tile's side) are one feature with their count, so that a
# tile of the whole city stays small and shows all; a cell lies in one tile, so no margin there.
TILE_EVENTS = """
CREATE FUNCTION tile_events(
    z int, x int, y int, scope code_multirange, account uuid, organization uuid)
RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH tile AS (
        SELECT ST_TileEnvelope(z, x, y) AS box,
               -- The 64-pixel margin is added in degrees, after the transform: added before it,
               -- tiles that touch 180 degrees come back with a box that misses them.
               ST_Expand(ST_SetSRID(ST_Transform(ST_TileEnvelope(z, x, y), 4326), 4490),
                         360.0 / 2 ^ z * 64 / 4096) AS reach,
               40075016.685578488 / 2 ^ z / 8 AS cell
    ),
    spots AS (
        SELECT event.id, event.county_code, event.event_no, event.state, event.category_code,
               (event.overdue_at IS NOT NULL) AS overdue,
               ST_Transform(ST_SetSRID(event.geom, 4326), 3857) AS spot
        FROM event, tile
        WHERE event.geom && tile.reach
          AND event.closed_at IS NULL
          AND (scope @> (event.county_code || '/' || event.area_code) COLLATE "C"
               OR event.reporter_id = account
               OR EXISTS (
                   SELECT FROM assignment
                   WHERE assignment.county_code = event.county_code
                     AND assignment.event_id = event.id
                     AND assignment.organization_id = organization
                     AND assignment.status <> 'withdrawn'))
    ),
    features AS (
        SELECT count(*)::int AS n, count(*) FILTER (WHERE overdue)::int AS late,
               bool_or(overdue) AS overdue, min(id::text) AS id, min(county_code) AS county,
               min(event_no) AS number, min(state) AS state, min(category_code) AS category,
               ST_AsMVTGeom(
                   ST_SetSRID(ST_Point(avg(ST_X(spot)), avg(ST_Y(spot))), 3857),
                   tile.box, 4096, CASE WHEN z < 13 THEN 0 ELSE 64 END, true
               ) AS geom
        FROM spots, tile
        WHERE z >= 13 OR (ST_X(spot) >= ST_XMin(tile.box) AND ST_X(spot) < ST_XMax(tile.box)
                          AND ST_Y(spot) >= ST_YMin(tile.box) AND ST_Y(spot) < ST_YMax(tile.box))
        GROUP BY tile.box,
                 CASE WHEN z < 13 THEN floor(ST_X(spot) / tile.cell) END,
                 CASE WHEN z < 13 THEN floor(ST_Y(spot) / tile.cell) END,
                 CASE WHEN z >= 13 THEN id END
    )
    SELECT ST_AsMVT(features, 'events', 4096, 'geom') FROM features WHERE geom IS NOT NULL
$$
"""

FUNCTIONS = {
    "find_tracked(text, bytea)": (FIND_TRACKED, "onemap_app"),
    "events_near(float8, float8, float8, code_multirange)": (EVENTS_NEAR, "onemap_app"),
    "tile_events(int, int, int, code_multirange, uuid, uuid)": (TILE_EVENTS, "onemap_tiles"),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ROLES)
    op.execute(TYPE)
    op.execute("GRANT USAGE ON SCHEMA public TO onemap_app, onemap_tiles")
    for right, tables in GRANTS.items():
        op.execute(f"GRANT {right} ON {', '.join(tables.split())} TO onemap_app")
    op.execute("GRANT SELECT ON area_shape TO onemap_tiles")
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO onemap_app USING ({seen})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO onemap_app WITH CHECK (true)")
        op.execute(
            f"CREATE POLICY changed ON {table} FOR UPDATE TO onemap_app"
            f" USING ({seen}) WITH CHECK (true)"
        )
    op.execute(
        f"CREATE POLICY removed ON media FOR DELETE TO onemap_app USING (uploaded_by = {ACCOUNT})"
    )
    for signature, (body, role) in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {role}")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    for table in POLICIES:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for policy in ("seen", "added", "changed", "removed"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
    op.execute("DROP TYPE code_range")
