CREATE OR REPLACE FUNCTION public.forget_contacts(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    DELETE FROM event_contact c USING event e
        WHERE c.county_code = county AND e.county_code = county AND e.id = c.id
          AND c.id IN (
            SELECT x.id FROM event_contact x JOIN event y
              ON y.county_code = x.county_code AND y.id = x.id
            WHERE x.county_code = county
              AND y.closed_at < least(before, now() - interval '90 days')
            LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_contacts(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_contacts(text,timestamp with time zone,integer) TO onemap_app;
