"""GDAL with the drivers of the files that we read, and no other.

It tells by a file's content what it is, whatever its name says, and knows sixty kinds. Some of them
only say where to read: a few lines of XML named ``map.geojson`` made it open any other file of the
machine, or a server elsewhere. Drivers can be left out only before the library is loaded, so it is
loaded here and nowhere else.
"""

import os

READS = frozenset({"ESRI Shapefile", "GeoJSON", "GPKG"})
# Holds nothing but what this process has put there; the library wants it for itself.
_ITS_OWN = "MEM"
_LEFT_OUT = (
    "ADBC", "AIVector", "AmigoCloud", "AVCBin", "AVCE00", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRIJSON", "Elasticsearch", "FlatGeobuf", "GDALG", "GML", "GPSBabel", "GPX",
    "GTFS", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "KML", "LIBKML", "LVBAG",
    "MBTiles", "MVT", "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI",
    "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "OpenFileGDB", "PCIDSK", "PDS4", "PLSCENES", "PMTiles",
    "S57", "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
os.environ["GDAL_SKIP"] = ",".join(_LEFT_OUT)

import pyogrio  # noqa: E402


def also_read() -> set[str]:
    """The kinds of files beyond ours that the library would open; none, or it must not be used.

    A later edition of it knows more of them: they belong among those left out.

    Returns
    -------
    Names of GDAL's drivers.
    """
    return set(pyogrio.list_drivers(read=True)) - READS - {_ITS_OWN}


if also_read():
    raise ImportError(f"GDAL would open files of other kinds as well: {sorted(also_read())}")

__all__ = ["also_read", "pyogrio"]
