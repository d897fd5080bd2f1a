-- What is sent to a reporter is seen with the case.
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON message TO onemap_app;

CREATE POLICY seen ON message FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = message.county_code
            AND event.id = message.event_id))
);

CREATE POLICY added ON message FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON message FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = message.county_code
            AND event.id = message.event_id))
)
WITH CHECK (true);

CREATE POLICY removed ON message FOR DELETE TO onemap_app
USING (
    (EXISTS (SELECT FROM event
            WHERE event.county_code = message.county_code
            AND event.id = message.event_id))
);
