CREATE OR REPLACE FUNCTION public.forget_notices(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    DELETE FROM notice WHERE county_code = county AND id IN (
            SELECT id FROM notice
            WHERE county_code = county AND made_at < least(before, now() - interval '90 days')
            LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_notices(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_notices(text,timestamp with time zone,integer) TO onemap_app;
