ALTER TABLE deliberation_action ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON deliberation_action TO onemap_app;

CREATE POLICY seen ON deliberation_action FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = deliberation_action.county_code
            AND deliberation.id = deliberation_action.deliberation_id))
);

CREATE POLICY added ON deliberation_action FOR INSERT TO onemap_app
WITH CHECK (true);
