-- A meeting is seen in its area, and by who signed in to it.
ALTER TABLE review ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON review TO onemap_app;

CREATE POLICY seen ON review FOR SELECT TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE signed_in_to(county_code, id)
    END
);

CREATE POLICY added ON review FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON review FOR UPDATE TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE signed_in_to(county_code, id)
    END
)
WITH CHECK (true);
