-- Who reported a case and how to reach them: seen with the case, removed when the case moves or its time is over.
ALTER TABLE event_contact ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON event_contact TO onemap_app;

CREATE POLICY seen ON event_contact FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = event_contact.county_code
            AND event.id = event_contact.id))
);

CREATE POLICY added ON event_contact FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON event_contact FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = event_contact.county_code
            AND event.id = event_contact.id))
)
WITH CHECK (true);

CREATE POLICY removed ON event_contact FOR DELETE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = event_contact.county_code
            AND event.id = event_contact.id))
);
