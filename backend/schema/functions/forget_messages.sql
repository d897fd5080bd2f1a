CREATE OR REPLACE FUNCTION public.forget_messages(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    DELETE FROM message WHERE county_code = county AND id IN (
            SELECT id FROM message
            WHERE county_code = county AND status IN ('sent', 'failed')
              AND made_at < least(before, now() - interval '30 days')
            LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_messages(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_messages(text,timestamp with time zone,integer) TO onemap_app;
