ALTER TABLE client_key ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON client_key TO onemap_app;

CREATE POLICY seen ON client_key FOR SELECT TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));

CREATE POLICY added ON client_key FOR INSERT TO onemap_app
WITH CHECK (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));

CREATE POLICY changed ON client_key FOR UPDATE TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid))
WITH CHECK (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));
