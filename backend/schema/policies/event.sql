-- Who sees a case: whoever has its area in scope, who reported it, who follows it by its tracking code,
-- and who it was given to. A restricted case is seen by those named in it, and by jobs of the county.
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON event TO onemap_app;

CREATE POLICY seen ON event FOR SELECT TO onemap_app
USING (
    CASE
        WHEN restricted THEN ((SELECT NULLIF(current_setting('onemap.account', true), '')::uuid) = ANY (named))
        OR id = (SELECT NULLIF(current_setting('onemap.tracked', true), '')::uuid)
        OR (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> ((county_code || '/') COLLATE "C")
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE reporter_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
        OR id = (SELECT NULLIF(current_setting('onemap.tracked', true), '')::uuid)
        OR (EXISTS (SELECT FROM assignment
                WHERE assignment.county_code = event.county_code
                AND assignment.event_id = event.id
                AND assignment.organization_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
                AND assignment.status <> 'withdrawn'))
    END
);

CREATE POLICY added ON event FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON event FOR UPDATE TO onemap_app
USING (
    CASE
        WHEN restricted THEN ((SELECT NULLIF(current_setting('onemap.account', true), '')::uuid) = ANY (named))
        OR id = (SELECT NULLIF(current_setting('onemap.tracked', true), '')::uuid)
        OR (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> ((county_code || '/') COLLATE "C")
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE reporter_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
        OR id = (SELECT NULLIF(current_setting('onemap.tracked', true), '')::uuid)
        OR (EXISTS (SELECT FROM assignment
                WHERE assignment.county_code = event.county_code
                AND assignment.event_id = event.id
                AND assignment.organization_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
                AND assignment.status <> 'withdrawn'))
    END
)
WITH CHECK (true);
