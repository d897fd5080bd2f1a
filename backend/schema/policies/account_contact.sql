-- How a person is reached: seen by themselves and by who may fill a post of theirs; changed by themselves.
ALTER TABLE account_contact ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON account_contact TO onemap_app;

CREATE POLICY seen ON account_contact FOR SELECT TO onemap_app
USING (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR governs_account(account_id)
);

CREATE POLICY added ON account_contact FOR INSERT TO onemap_app
WITH CHECK (
    account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR governs_account(account_id)
);

CREATE POLICY changed ON account_contact FOR UPDATE TO onemap_app
USING (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid))
WITH CHECK (account_id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid));
