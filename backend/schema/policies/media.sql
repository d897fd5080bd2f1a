-- A photo is seen by who sent it, and with the case, item or decision that it belongs to.
ALTER TABLE media ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON media TO onemap_app;

CREATE POLICY seen ON media FOR SELECT TO onemap_app
USING (
    uploaded_by = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    AND (uploaded_by <> '00000000-0000-0000-0000-000000000000'::uuid
        OR event_id IS NULL)
    OR (EXISTS (SELECT FROM event
            WHERE event.county_code = media.event_county
            AND event.id = media.event_id))
    OR (EXISTS (SELECT FROM item
            WHERE item.county_code = media.event_county
            AND item.id = media.event_id))
    OR (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = media.event_county
            AND deliberation.id = media.event_id))
);

CREATE POLICY added ON media FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON media FOR UPDATE TO onemap_app
USING (
    uploaded_by = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    AND (uploaded_by <> '00000000-0000-0000-0000-000000000000'::uuid
        OR event_id IS NULL)
    OR (EXISTS (SELECT FROM event
            WHERE event.county_code = media.event_county
            AND event.id = media.event_id))
    OR (EXISTS (SELECT FROM item
            WHERE item.county_code = media.event_county
            AND item.id = media.event_id))
    OR (EXISTS (SELECT FROM deliberation
            WHERE deliberation.county_code = media.event_county
            AND deliberation.id = media.event_id))
)
WITH CHECK (true);

CREATE POLICY removed ON media FOR DELETE TO onemap_app
USING (
    uploaded_by = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
);
