-- What was done with accounts and rights: seen in the area that it concerns and by who did it; never changed.
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON audit_entry TO onemap_app;

CREATE POLICY seen ON audit_entry FOR SELECT TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    END
);

CREATE POLICY added ON audit_entry FOR INSERT TO onemap_app
WITH CHECK (true);
