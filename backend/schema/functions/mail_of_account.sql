-- Where a notice to somebody goes as mail, sealed: asked by the job that sends it, which is nobody's colleague.
CREATE OR REPLACE FUNCTION public.mail_of_account(wanted uuid)
 RETURNS bytea
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN (SELECT c.mail_sealed FROM account_contact c JOIN account a ON a.id = c.account_id
            WHERE c.account_id = wanted AND a.disabled_at IS NULL);
END $function$;
REVOKE ALL ON FUNCTION mail_of_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_of_account(uuid) TO onemap_app;
