"""The database's three roles, and what the application's one may never do."""

OWNER = "onemap_owner"
APP = "onemap_app"
TILES = "onemap_tiles"
