-- Sessions are seen by their own person, and by a transaction that has named whose sessions it is about.
ALTER TABLE sign_in ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON sign_in TO onemap_app;

CREATE POLICY seen ON sign_in FOR SELECT TO onemap_app
USING (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR account_id = (SELECT NULLIF(current_setting('onemap.subject', true), '')::uuid)
);

CREATE POLICY added ON sign_in FOR INSERT TO onemap_app
WITH CHECK (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR account_id = (SELECT NULLIF(current_setting('onemap.subject', true), '')::uuid)
);

CREATE POLICY changed ON sign_in FOR UPDATE TO onemap_app
USING (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR account_id = (SELECT NULLIF(current_setting('onemap.subject', true), '')::uuid)
)
WITH CHECK (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR account_id = (SELECT NULLIF(current_setting('onemap.subject', true), '')::uuid)
);
