ALTER TABLE objection ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON objection TO onemap_app;

CREATE POLICY seen ON objection FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = objection.county_code
            AND deliberation.id = objection.deliberation_id))
);

CREATE POLICY added ON objection FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON objection FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = objection.county_code
            AND deliberation.id = objection.deliberation_id))
)
WITH CHECK (true);
