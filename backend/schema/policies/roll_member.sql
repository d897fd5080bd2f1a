ALTER TABLE roll_member ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON roll_member TO onemap_app;

CREATE POLICY seen ON roll_member FOR SELECT TO onemap_app
USING (
    (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C")
);

CREATE POLICY added ON roll_member FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON roll_member FOR UPDATE TO onemap_app
USING (
    (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C")
)
WITH CHECK (true);
