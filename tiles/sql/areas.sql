-- Areas as polygons, and their labels as points. Parameters: z, x, y (XYZ scheme), scope (a
-- code_multirange of 'county/area' keys). Geometry is prepared in EPSG:3857, simplified for a band
-- of zooms (`backend.areas.shapes`), so nothing is transformed here.
-- Which levels a zoom shows: counties from 5, towns from 9, villages from 11, grids from 13, units
-- from 14. Grids and units are drawn inside the caller's scope only.
WITH tile AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box,
           ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS reach
),
wanted AS (
    SELECT shape.code, shape.name, shape.level, shape.geom, shape.label
    FROM area_shape AS shape, tile
    WHERE shape.geom && tile.reach
      AND shape.band = CASE WHEN %(z)s < 10 THEN 8 WHEN %(z)s < 12 THEN 10
                            WHEN %(z)s < 14 THEN 12 ELSE 14 END
      AND CASE shape.level
              WHEN 'city' THEN true
              WHEN 'county' THEN true
              WHEN 'town' THEN %(z)s >= 9
              WHEN 'village' THEN %(z)s >= 11
              WHEN 'grid' THEN %(z)s >= 13
              ELSE %(z)s >= 14
          END
      AND (shape.level IN ('city', 'county', 'town', 'village')
           OR %(scope)s::code_multirange
              @> (shape.managing_county || '/' || shape.code) COLLATE "C")
),
polygons AS (
    SELECT code, name, level, ST_AsMVTGeom(wanted.geom, tile.box, 4096, 64, true) AS geom
    FROM wanted, tile
),
labels AS (
    SELECT code, name, level, ST_AsMVTGeom(wanted.label, tile.box, 4096, 0, true) AS geom
    FROM wanted, tile WHERE wanted.label && tile.box
)
SELECT (SELECT ST_AsMVT(polygons, 'areas', 4096, 'geom') FROM polygons WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(labels, 'labels', 4096, 'geom') FROM labels WHERE geom IS NOT NULL);
