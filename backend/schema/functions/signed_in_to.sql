-- Whether the caller has signed in to a meeting; for its policies.
CREATE OR REPLACE FUNCTION public.signed_in_to(county text, meeting uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    SELECT EXISTS (
        SELECT FROM review_person
        WHERE county_code = county AND review_id = meeting AND account_id = nullif(current_setting('onemap.account', true), '')::uuid)
$function$;
REVOKE ALL ON FUNCTION signed_in_to(text,uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signed_in_to(text,uuid) TO onemap_app;
