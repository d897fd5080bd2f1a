ALTER TABLE sitting_person ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON sitting_person TO onemap_app;

CREATE POLICY seen ON sitting_person FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM sitting
            WHERE sitting.county_code = sitting_person.county_code
            AND sitting.id = sitting_person.sitting_id))
);

CREATE POLICY added ON sitting_person FOR INSERT TO onemap_app
WITH CHECK (true);
