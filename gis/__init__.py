"""Geometry, codes and coordinate systems: pure functions, no database, no HTTP.

`codes` the address of an area, `crs` coordinate systems, `locate` points into areas, `checks`
what can be wrong with boundaries, `partition` synthetic gapless cities, `reading` files, with
`ogr`, which knows how few kinds of them.
"""
