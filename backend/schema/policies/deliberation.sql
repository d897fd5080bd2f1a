-- A village's decision is seen in its area; what the public may read goes through public_deliberations.
ALTER TABLE deliberation ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON deliberation TO onemap_app;

CREATE POLICY seen ON deliberation FOR SELECT TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE false
    END
);

CREATE POLICY added ON deliberation FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON deliberation FOR UPDATE TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE false
    END
)
WITH CHECK (true);
