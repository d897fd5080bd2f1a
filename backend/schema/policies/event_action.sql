-- The journal of a case is seen with the case; nobody changes or removes an entry.
ALTER TABLE event_action ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON event_action TO onemap_app;

CREATE POLICY seen ON event_action FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = event_action.county_code
            AND event.id = event_action.event_id))
);

CREATE POLICY added ON event_action FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON event_action FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = event_action.county_code
            AND event.id = event_action.event_id))
)
WITH CHECK (true);
