"""The database's own words as they stand today: policies, grants and functions, a file each.

`catalogue` reads them from a migrated database; `./onemap schema` writes them, a test compares.
"""
