"""Demo data for the private database: a fictional city, made from a seed number.

`tree` its areas and houses, `people` its organizations and accounts, `life` its events, lived
through the same services as everything else. A real database is never seeded.
"""
