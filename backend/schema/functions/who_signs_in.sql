-- Whom a user name means, and what their password is checked against, before anybody is known: one name, as it is
-- spelt, one answer. No hash for whom is disabled or has not joined; no row for a name that nobody has.
CREATE OR REPLACE FUNCTION public.who_signs_in(wanted text, place bytea)
 RETURNS TABLE(account_id uuid, password_hash text, known_address boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN QUERY
    SELECT a.id, CASE WHEN a.disabled_at IS NULL THEN s.password_hash::text END,
           EXISTS (SELECT FROM sign_in i WHERE i.account_id = a.id AND i.address_blind = place)
    FROM account a LEFT JOIN account_secret s ON s.account_id = a.id
    WHERE a.username = wanted;
END $function$;
REVOKE ALL ON FUNCTION who_signs_in(text,bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION who_signs_in(text,bytea) TO onemap_app;
