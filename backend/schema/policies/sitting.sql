ALTER TABLE sitting ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON sitting TO onemap_app;

CREATE POLICY seen ON sitting FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = sitting.county_code
            AND deliberation.id = sitting.deliberation_id))
);

CREATE POLICY added ON sitting FOR INSERT TO onemap_app
WITH CHECK (true);
