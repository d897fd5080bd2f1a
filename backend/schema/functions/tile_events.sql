-- The tile of open cases. It runs as the owner, with the scope given to it: under row-level security the
-- spatial index would be lost. tiles/sql/events.sql calls it, backend/core gives the scope from the token.
CREATE OR REPLACE FUNCTION public.tile_events(z integer, x integer, y integer, scope code_multirange, account uuid, organization uuid)
 RETURNS bytea
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
          AND event.closed_at IS NULL AND NOT event.restricted
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
$function$;
REVOKE ALL ON FUNCTION tile_events(integer,integer,integer,code_multirange,uuid,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tile_events(integer,integer,integer,code_multirange,uuid,uuid) TO onemap_tiles;
