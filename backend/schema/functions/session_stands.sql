-- Whether a session stands in a post, its account and that post too: asked before anybody is known,
-- in one statement. A token of a post that the session has left since speaks for nobody.
CREATE OR REPLACE FUNCTION public.session_stands(wanted uuid, held uuid, at timestamp with time zone, today date)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN EXISTS (
        SELECT FROM sign_in s
        JOIN account a ON a.id = s.account_id
        JOIN post p ON p.id = s.post_id
        WHERE s.id = wanted AND s.post_id = held AND s.revoked_at IS NULL AND s.expires_at > at
          AND a.disabled_at IS NULL
          AND p.valid_from <= today AND coalesce(p.valid_to, today) >= today);
END $function$;
REVOKE ALL ON FUNCTION session_stands(uuid,uuid,timestamp with time zone,date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_stands(uuid,uuid,timestamp with time zone,date) TO onemap_app;
