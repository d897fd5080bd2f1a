"""Taking photos in, keeping them, and giving them to the step that needs them."""

import hashlib
import io
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.core import crypto, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, NotFound, TooLarge
from backend.core.settings import get_settings
from backend.tools.media.models import Media

pillow_heif.register_heif_opener()

# Decided by what the decoder finds, never by the name or the declared type.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# The longest edge of each copy, in pixels, and its JPEG quality.
COPIES = {"full": (2048, 85), "thumb": (400, 78)}


def folder(media_id: UUID) -> Path:
    """Where a photo's copies lie: spread over 256 folders, named by random keys only."""
    name = media_id.hex
    return get_settings().media_dir / name[-2:] / name


def check(data: bytes) -> Image.Image:
    """Decode a photo within the limits, upright.

    Raises
    ------
    TooLarge
        More bytes or more pixels than the settings allow; pixels are read from the header, before
        anything is decoded.
    BadInput
        Not a picture that can be decoded: broken, disguised or of another kind.
    """
    settings = get_settings()
    if len(data) > settings.photo_max_bytes:
        raise TooLarge("photo_too_large", most_mb=settings.photo_max_bytes // 1_000_000)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        if width * height > settings.photo_max_pixels:
            raise TooLarge("photo_too_many_pixels", most_mp=settings.photo_max_pixels // 1_000_000)
        image.load()
        return ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        # Pillow's own limit, met while the header is read.
        raise TooLarge(
            "photo_too_many_pixels", most_mp=settings.photo_max_pixels // 1_000_000
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, ArithmeticError,
            IndexError) as error:  # fmt: skip
        raise BadInput("photo_unreadable") from error


def exif_of(data: bytes) -> tuple[dict[str, float] | None, datetime | None]:
    """Where (WGS 84 degrees) and when the camera says that a photo was taken, as far as it does."""
    try:
        exif = Image.open(io.BytesIO(data), formats=FORMATS).getexif()
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        inner = exif.get_ifd(ExifTags.IFD.Exif)
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
    return {"lon": lon, "lat": lat} if abs(lat) <= 90 and abs(lon) <= 180 else None


def _moment(exif: dict[int, Any]) -> datetime | None:
    taken = exif.get(ExifTags.Base.DateTimeOriginal)
    offset = exif.get(ExifTags.Base.OffsetTimeOriginal, "+08:00")
    try:
        return datetime.strptime(f"{taken}{offset}", "%Y:%m:%d %H:%M:%S%z")
    except ValueError:
        return None


def store(session: Session, actor: Actor, data: bytes) -> tuple[Media, str | None]:
    """Check a photo, write its clean copies, and keep its row; with a claim for anonymous senders.

    The copies are written before the row: a crash between leaves a file that nobody refers to, and
    never a row without its file.
    """
    image = check(data)
    position, taken_at = exif_of(data)
    media_id = ids.new_id()
    _write_copies(folder(media_id), image)
    claim_secret = None if actor.post_id else secrets.token_urlsafe(18)
    row = Media(
        county_code=actor.home_county, id=media_id, uploaded_by=actor.id, kind="photo", name="",
        claim_hash=crypto.blind(claim_secret, "claim") if claim_secret else None,
        sha256=hashlib.sha256(data).digest(), width=image.width, height=image.height,
        size_bytes=len(data), exif_position=position, taken_at=taken_at,
        uploaded_at=datetime.now(UTC),
    )  # fmt: skip
    values = {c.key: getattr(row, c.key) for c in Media.__mapper__.column_attrs}
    session.execute(insert(Media).values(**values))
    return row, claim_secret


def _write_copies(where: Path, image: Image.Image) -> None:
    """Re-encode from pixels alone: EXIF, colour profiles, trailing data and tricks stay behind."""
    plain = Image.new("RGB", image.size, "white")
    flat = image.convert("RGBA") if image.mode in ("RGBA", "LA", "P", "PA") else None
    plain.paste(flat or image.convert("RGB"), mask=flat.getchannel("A") if flat else None)
    where.mkdir(parents=True, exist_ok=True)
    for name, (edge, quality) in COPIES.items():
        plain.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        plain.save(where / f"{name}.jpg", "JPEG", quality=quality)


def claim(
    session: Session, actor: Actor, photos: Sequence[UUID], claims: Sequence[str],
    owner: tuple[str, UUID, UUID], kind: str = "photo",
) -> None:  # fmt: skip
    """Give photos, or documents, to one step of one thing; each once, by whoever sent it.

    Raises
    ------
    BadInput
        A photo that is not the caller's, or belongs to a step already.
    """
    county, event_id, action_id = owner
    query = update(Media).where(
        Media.county_code == actor.home_county,
        Media.id.in_(photos),
        Media.event_id.is_(None),
        Media.kind == kind,
    )
    if actor.post_id is not None:
        query = query.where(Media.uploaded_by == actor.id)
    else:
        query = query.where(Media.claim_hash.in_([crypto.blind(c, "claim") for c in claims]))
    given = session.execute(
        query.values(event_county=county, event_id=event_id, action_id=action_id)
    )
    if given.rowcount != len(set(photos)):  # type: ignore[attr-defined]
        raise BadInput("photo_not_yours")


def of_thing(session: Session, county_code: str, thing_id: UUID) -> Sequence[Media]:
    """The photos and documents of an event, an item or a village decision, in their order."""
    return session.scalars(
        select(Media)
        .where(Media.event_county == county_code, Media.event_id == thing_id)
        .order_by(Media.id)
    ).all()


def visible(session: Session, actor: Actor, media_id: UUID, kind: str = "photo") -> Media:
    """A photo, or document, that the actor may see; row-level security holds the rule.

    An anonymous upload is shown to nobody before a report has taken it.

    Raises
    ------
    NotFound
        No such photo for this actor.
    """
    row = session.scalar(select(Media).where(Media.id == media_id))
    if row is None or row.kind != kind or (row.event_id is None and actor.post_id is None):
        raise NotFound("photo_not_found")
    return row
