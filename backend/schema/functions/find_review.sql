-- The meeting of the caller's own county that eight digits on a wall open.
CREATE OR REPLACE FUNCTION public.find_review(wanted text, county text, town text, moment timestamp with time zone)
 RETURNS TABLE(county_code text, id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN QUERY
    SELECT review.county_code::text, review.id FROM review
    WHERE review.code = wanted
      AND (review.county_code = county OR county = '000000')
      AND (town = '' OR left(review.area_code, 9) = town OR starts_with(town, review.area_code))
      AND (review.state = 'running' AND review.opened_at > moment - interval '1 day'
           OR review.state = 'planned' AND review.starts_at
              BETWEEN moment - interval '1 day' AND moment + interval '1 hour')
    ORDER BY review.starts_at LIMIT 1;
END $function$;
REVOKE ALL ON FUNCTION find_review(text,text,text,timestamp with time zone) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_review(text,text,text,timestamp with time zone) TO onemap_app;
