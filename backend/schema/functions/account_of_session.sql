-- Whose session a key belongs to, before anybody is known.
CREATE OR REPLACE FUNCTION public.account_of_session(wanted uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN (SELECT account_id FROM sign_in WHERE id = wanted);
END $function$;
REVOKE ALL ON FUNCTION account_of_session(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_of_session(uuid) TO onemap_app;
