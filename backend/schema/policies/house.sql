ALTER TABLE house ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON house TO onemap_app;

CREATE POLICY seen ON house FOR SELECT TO onemap_app
USING (
    (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C")
);

CREATE POLICY added ON house FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON house FOR UPDATE TO onemap_app
USING (
    (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C")
)
WITH CHECK (true);
