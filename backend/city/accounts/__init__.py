"""People, their posts, and how they sign in.

Tables: `account` (what colleagues see of a person), `account_secret` and `account_contact` (what
they do not: `keeping`), `post`, `leave` (who stands in), `sign_in` (one row a device),
`invitation`, `audit_entry` (what must be answered for; `audit.note` adds to it). A post is a role
in an area or an organization for a period; a person may hold several and acts in one at a time. The
scope of a post is worked out in `scopes`, carried inside the access token, and checked against
revocation within `ONEMAP_REVOCATION_S` seconds. Who may be put into which post is in
`city/staffing`, whose work it is today in `city/duty`.
"""
