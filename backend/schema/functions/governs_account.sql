-- Whether the caller may fill one of the posts that a person holds on the city's day; for the policies of accounts.
CREATE OR REPLACE FUNCTION public.governs_account(wanted uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    today date := nullif(current_setting('onemap.today', true), '');
BEGIN
    RETURN EXISTS (
        SELECT FROM post p LEFT JOIN organization o ON o.id = p.organization_id
        WHERE p.account_id = wanted AND p.valid_from <= today AND coalesce(p.valid_to, today) >= today
          AND nullif(current_setting('onemap.appoints', true), '')::code_multirange @> (
              p.role || '/' || p.home_county || '/' || coalesce(
                  CASE WHEN p.role = 'department_clerk' THEN o.area_code ELSE p.area_code END,
                  o.area_code, p.area_code)) COLLATE "C");
END $function$;
REVOKE ALL ON FUNCTION governs_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION governs_account(uuid) TO onemap_app;
