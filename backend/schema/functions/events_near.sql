-- Open cases near a place, inside the scope given; runs as the owner, because of the spatial index.
CREATE OR REPLACE FUNCTION public.events_near(lon double precision, lat double precision, radius_m double precision, scope code_multirange)
 RETURNS TABLE(county_code text, id uuid, distance_m double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    SELECT event.county_code, event.id,
           ST_Distance(event.geom::geography, ST_SetSRID(ST_Point(lon, lat), 4490)::geography)
    FROM event
    WHERE event.geom && ST_Expand(
              ST_SetSRID(ST_Point(lon, lat), 4490),
              radius_m / (111000.0 * greatest(0.1, cos(radians(lat)))))
      AND ST_DWithin(event.geom::geography,
                     ST_SetSRID(ST_Point(lon, lat), 4490)::geography, radius_m)
      AND event.closed_at IS NULL AND NOT event.restricted
      AND scope @> (event.county_code || '/' || event.area_code) COLLATE "C"
    ORDER BY 3 LIMIT 20
$function$;
REVOKE ALL ON FUNCTION events_near(double precision,double precision,double precision,code_multirange) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events_near(double precision,double precision,double precision,code_multirange) TO onemap_app;
