"""People, their posts, and how they sign in.

Tables: `account`, `post`, `sign_in` (one row a device), `invitation`, `leave` (who stands in). A post is a role in an area
or an organization for a period; a person may hold several and acts in one at a time. The scope of
a post is worked out in `scopes`, carried inside the access token, and checked against revocation
within `ONEMAP_REVOCATION_S` seconds.
"""
