CREATE OR REPLACE FUNCTION public.remove_orphaned_media(wanted_county character varying, before timestamp with time zone, public_before timestamp with time zone, most integer)
 RETURNS TABLE(media_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN QUERY
    DELETE FROM media
    WHERE media.county_code = wanted_county AND media.event_id IS NULL AND media.id IN (
        SELECT m.id FROM media m
        WHERE m.county_code = wanted_county AND m.event_id IS NULL
          AND m.uploaded_at < CASE WHEN m.claim_hash IS NULL THEN before ELSE public_before END
        ORDER BY m.uploaded_at LIMIT most
        FOR UPDATE SKIP LOCKED)
    RETURNING media.id;
END
$function$;
REVOKE ALL ON FUNCTION remove_orphaned_media(character varying,timestamp with time zone,timestamp with time zone,integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_orphaned_media(character varying,timestamp with time zone,timestamp with time zone,integer) TO onemap_app;
