-- Names of the staff are shown wherever somebody has done something, to whoever says for whom they ask. Who has never been
-- anything but a resident is seen by themselves, by who sees a case that they reported, and by who may fill posts: they
-- look somebody up by a user name. A person is added by who may fill posts, and changed by themselves and by who may fill
-- a post of theirs. Whoever appoints may hold a row that is not theirs, so that two do not fill posts of one person at
-- once; what they hold they cannot change.
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON account TO onemap_app;

CREATE POLICY seen ON account FOR SELECT TO onemap_app
USING (
    CASE
        WHEN id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
        OR id = (SELECT NULLIF(current_setting('onemap.subject', true), '')::uuid)
        OR NOT isempty(COALESCE((SELECT NULLIF(current_setting('onemap.appoints', true), '')::code_multirange), '{}'::code_multirange)) THEN true
        WHEN (SELECT NULLIF(current_setting('onemap.account', true), '')) IS NULL THEN false
        WHEN (EXISTS (SELECT FROM post
                WHERE post.account_id = account.id
                AND post.role <> 'resident')) THEN true
        WHEN (EXISTS (SELECT FROM post
                WHERE post.account_id = account.id)) THEN (EXISTS (SELECT FROM event
                WHERE event.reporter_id = account.id))
        ELSE true
    END
);

CREATE POLICY added ON account FOR INSERT TO onemap_app
WITH CHECK (
    NOT isempty(COALESCE((SELECT NULLIF(current_setting('onemap.appoints', true), '')::code_multirange), '{}'::code_multirange))
);

CREATE POLICY changed ON account FOR UPDATE TO onemap_app
USING (
    id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR NOT isempty(COALESCE((SELECT NULLIF(current_setting('onemap.appoints', true), '')::code_multirange), '{}'::code_multirange))
)
WITH CHECK (
    id = (SELECT NULLIF(current_setting('onemap.account', true), '')::uuid)
    OR governs_account(id)
);
