ALTER TABLE reveal ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON reveal TO onemap_app;

CREATE POLICY seen ON reveal FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = reveal.county_code
            AND event.id = reveal.event_id))
);

CREATE POLICY added ON reveal FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON reveal FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = reveal.county_code
            AND event.id = reveal.event_id))
)
WITH CHECK (true);
