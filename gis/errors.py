"""What `gis` refuses. Callers turn these into answers; nothing here knows HTTP."""


class GisError(ValueError):
    """Anything that this package refuses."""


class UnknownCrs(GisError):
    """The name of a coordinate system was not understood."""


class CoordinateRangeError(GisError):
    """A longitude outside ±180° or a latitude outside ±90°."""


class UnreadableFile(GisError):
    """A file that holds no features that can be read."""
