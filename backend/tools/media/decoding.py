"""From the bytes of a photo to clean copies. Foreign bytes: runs in a process apart.

No settings and no database here: what it needs it is given, so that the child stays small.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from backend.core import clock
from backend.core.errors import BadInput, TooLarge

pillow_heif.register_heif_opener()
# Our own limit is asked first; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None

# Decided by what the decoder finds, never by the name or the declared type.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# The longest edge of each copy, in pixels, and its JPEG quality; the largest first.
COPIES = {"full": (2048, 85), "thumb": (400, 78)}
LARGEST = max(edge for edge, _ in COPIES.values())
# Before consumer cameras wrote times, and later than any clock should say.
FIRST_YEAR, AHEAD = 1990, timedelta(days=1)


@dataclass(frozen=True)
class Decoded:
    """A photo, upright: its own size in pixels, clean JPEG copies, and what its camera says."""

    width: int
    height: int
    copies: dict[str, bytes]
    # WGS 84, degrees.
    position: dict[str, float] | None
    taken_at: datetime | None


def decode(data: bytes, pixels_most: int) -> Decoded:
    """Decode a photo and re-encode it from pixels alone: EXIF, profiles and tricks stay behind.

    Raises
    ------
    TooLarge
        More pixels than ``pixels_most``; read from the header, before anything is decoded.
    BadInput
        Not a picture that can be decoded: broken, disguised or of another kind.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        if width * height > pixels_most:
            raise TooLarge("photo_too_many_pixels", most_mp=pixels_most // 1_000_000)
        exif = image.getexif()
        turned = exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
        position, taken_at = _camera(exif)
        # A JPEG is decoded at a fraction of its size where that is enough.
        image.draft("RGB", (LARGEST, LARGEST))
        image.load()
        copies = _copies(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, ArithmeticError,
            IndexError, KeyError, TypeError, Image.DecompressionBombError) as error:  # fmt: skip
        raise BadInput("photo_unreadable") from error
    if turned:
        width, height = height, width
    return Decoded(width, height, copies, position, taken_at)


def _copies(image: Image.Image) -> dict[str, bytes]:
    """Copies of a loaded picture on a white ground, upright."""
    image = _eight_bits(image)
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    clear = image.convert("RGBA") if image.has_transparency_data else None
    plain = Image.new("RGB", image.size, "white")
    plain.paste(clear or image.convert("RGB"), mask=clear.getchannel("A") if clear else None)
    found = {}
    for name, (edge, quality) in COPIES.items():
        plain.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=quality)
        found[name] = out.getvalue()
    return found


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 bits a sign as one of 8: cut off, it would be all white."""
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.uint32)
    eight = Image.fromarray((values >> 8).clip(0, 255).astype(np.uint8))
    eight.info = {key: value for key, value in image.info.items() if key == "exif"}
    return eight


def _camera(exif: Image.Exif) -> tuple[dict[str, float] | None, datetime | None]:
    """Where and when the camera says that a photo was taken, as far as that can be believed."""
    try:
        gps, inner = exif.get_ifd(ExifTags.IFD.GPSInfo), exif.get_ifd(ExifTags.IFD.Exif)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return None, None
    return _position(gps), _moment(inner)


def _position(gps: dict[int, Any]) -> dict[str, float] | None:
    try:
        lat, lon = (
            sum(float(part) / 60**i for i, part in enumerate(gps[tag]))
            for tag in (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude)
        )
        south = gps[ExifTags.GPS.GPSLatitudeRef] == "S"
        west = gps[ExifTags.GPS.GPSLongitudeRef] == "W"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    lat, lon = -lat if south else lat, -lon if west else lon
    # A camera without a fix writes zeros; nobody photographs the Gulf of Guinea by accident.
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):
        return None
    return {"lon": lon, "lat": lat}


def _moment(exif: dict[int, Any]) -> datetime | None:
    taken = exif.get(ExifTags.Base.DateTimeOriginal)
    offset = exif.get(ExifTags.Base.OffsetTimeOriginal, "+08:00")
    try:
        moment = datetime.strptime(f"{taken}{offset}", "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= FIRST_YEAR and moment <= clock.now() + AHEAD else None
