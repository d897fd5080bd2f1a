CREATE OR REPLACE FUNCTION public.known_media(wanted uuid[])
 RETURNS TABLE(media_id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN QUERY SELECT media.id FROM media WHERE media.id = ANY (wanted);
END
$function$;
REVOKE ALL ON FUNCTION known_media(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION known_media(uuid[]) TO onemap_app;
