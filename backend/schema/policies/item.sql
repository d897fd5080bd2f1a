-- Who sees a list item: its area in scope, the organization that does or pays it, a body that may take it up,
-- and whoever sees a case that it carries on.
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON item TO onemap_app;

CREATE POLICY seen ON item FOR SELECT TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE organization_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
        OR funder_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
        OR state = 'confirmed'
        AND organization_id IS NULL
        AND (EXISTS (SELECT FROM organization
                WHERE organization.id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
                AND organization.closed_at IS NULL
                AND item.area_code >= organization.area_code
                AND item.area_code < (organization.area_code || ':')))
        OR (EXISTS (SELECT FROM event
                WHERE event.item_id IS NOT NULL
                AND event.county_code = item.county_code
                AND event.item_id = item.id))
    END
);

CREATE POLICY added ON item FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON item FOR UPDATE TO onemap_app
USING (
    CASE
        WHEN (SELECT NULLIF(current_setting('onemap.scope', true), '')::code_multirange) @> (((county_code || '/') || area_code) COLLATE "C") THEN true
        ELSE organization_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
        OR funder_id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
        OR state = 'confirmed'
        AND organization_id IS NULL
        AND (EXISTS (SELECT FROM organization
                WHERE organization.id = (SELECT NULLIF(current_setting('onemap.organization', true), '')::uuid)
                AND organization.closed_at IS NULL
                AND item.area_code >= organization.area_code
                AND item.area_code < (organization.area_code || ':')))
        OR (EXISTS (SELECT FROM event
                WHERE event.item_id IS NOT NULL
                AND event.county_code = item.county_code
                AND event.item_id = item.id))
    END
)
WITH CHECK (true);
