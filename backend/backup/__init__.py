"""Backups that can be trusted: made at one moment, told apart when damaged, proved by restoring.

A backup is a folder: `database.dump` (pg_dump's custom form), `media/` (photos and documents; hard
links to the backup before it, so that a day costs only what is new), `secrets.json` (without it
sealed telephone numbers stay sealed), and `manifest.json`, which says how many rows each table has,
what the heads of all chained logs are, and what every file must hash to. `making` writes it,
`restoring` reads it into an empty place and compares, `point_in_time` goes to a minute by the
archived log of the private PostgreSQL.
"""
