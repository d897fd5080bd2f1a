-- What a village must post of its decisions, for everyone.
CREATE OR REPLACE FUNCTION public.public_deliberations(lo text, hi text, wanted text)
 RETURNS TABLE(county_code text, id uuid, deliberation_no text, area_code text, title text, state text, notice jsonb, result jsonb, notice_until timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    SELECT county_code, id, deliberation_no, area_code, title, state, notice, result, notice_until
    FROM deliberation
    WHERE notice IS NOT NULL
      AND (lo IS NULL OR (area_code >= lo AND area_code < hi))
      AND (wanted IS NULL OR deliberation_no = wanted)
    ORDER BY notice_until DESC NULLS LAST, id LIMIT 100
$function$;
REVOKE ALL ON FUNCTION public_deliberations(text,text,text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public_deliberations(text,text,text) TO onemap_app;
