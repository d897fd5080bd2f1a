CREATE OR REPLACE FUNCTION public.forget_client_keys(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    DELETE FROM client_key WHERE county_code = county AND id IN (
        SELECT id FROM client_key
        WHERE county_code = county AND used_at < least(before, now() - interval '90 days')
        LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_client_keys(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_client_keys(text,timestamp with time zone,integer) TO onemap_app;
