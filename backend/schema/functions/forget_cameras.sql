CREATE OR REPLACE FUNCTION public.forget_cameras(county text, before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    gone integer;
BEGIN
    UPDATE media SET exif_position = NULL, taken_at = NULL
        WHERE county_code = county AND id IN (
            SELECT id FROM media
            WHERE county_code = county AND (exif_position IS NOT NULL OR taken_at IS NOT NULL)
              AND uploaded_at < least(before, now() - interval '7 days')
            LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $function$;
REVOKE ALL ON FUNCTION forget_cameras(text,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_cameras(text,timestamp with time zone,integer) TO onemap_app;
