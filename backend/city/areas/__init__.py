"""The tree of areas, with boundaries as versions.

Tables: `area` (one row a version of a boundary), `area_shape` (its prepared map geometry). Small
and shared by all counties. Codes are never used again; a boundary is closed with ``valid_to``.
"""
