-- What somebody is told in the house is seen by that person alone.
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON notice TO onemap_app;

CREATE POLICY seen ON notice FOR SELECT TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));

CREATE POLICY added ON notice FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON notice FOR UPDATE TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid))
WITH CHECK (true);
