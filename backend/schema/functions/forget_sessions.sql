CREATE OR REPLACE FUNCTION public.forget_sessions(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    DELETE FROM sign_in WHERE id IN (
            SELECT id FROM sign_in
            WHERE least(coalesce(revoked_at, expires_at), expires_at)
                  < least(before, now() - interval '180 days')
            LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_sessions(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_sessions(text,timestamp with time zone,integer) TO onemap_app;
