ALTER TABLE item_action ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON item_action TO onemap_app;

CREATE POLICY seen ON item_action FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM item
            WHERE item.county_code = item_action.county_code
            AND item.id = item_action.item_id))
);

CREATE POLICY added ON item_action FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON item_action FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM item
            WHERE item.county_code = item_action.county_code
            AND item.id = item_action.item_id))
)
WITH CHECK (true);
