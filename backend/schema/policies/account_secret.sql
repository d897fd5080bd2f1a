-- A password's hash is read and changed by its own person alone; signing in asks `who_signs_in`.
ALTER TABLE account_secret ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON account_secret TO onemap_app;

CREATE POLICY seen ON account_secret FOR SELECT TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));

CREATE POLICY added ON account_secret FOR INSERT TO onemap_app
WITH CHECK (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));

CREATE POLICY changed ON account_secret FOR UPDATE TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid))
WITH CHECK (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));
