"""Taking photos in, keeping them, and giving them to the step that needs them."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from backend.core import apart, clock, crypto, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, NotFound, TooLarge
from backend.core.files import keep_all
from backend.core.owners import Sees
from backend.core.settings import get_settings
from backend.tools.media import queries
from backend.tools.media.decoding import Decoded, decode
from backend.tools.media.models import Media


def folder(media_id: UUID) -> Path:
    """Where a photo's copies lie: spread over 256 folders, named by random keys only."""
    name = media_id.hex
    return get_settings().media_dir / name[-2:] / name


def check_size(data: bytes) -> None:
    """Refuse a photo of more bytes than the settings allow, or of none.

    Raises
    ------
    TooLarge, BadInput
    """
    most = get_settings().photo_max_bytes
    if len(data) > most:
        raise TooLarge("photo_too_large", most_mb=most // 1_000_000)
    if not data:
        raise BadInput("photo_unreadable")


async def opened(data: bytes) -> Decoded:
    """Decode a photo in a process apart, without holding a thread.

    Raises
    ------
    TooLarge, BadInput, Busy
    """
    check_size(data)
    return await apart.acall(decode, data, get_settings().photo_max_pixels)


def store(session: Session, actor: Actor, data: bytes) -> tuple[Media, str | None]:
    """Check and keep a photo of our own making (seeds and tests): decoded in this process."""
    check_size(data)
    return keep(session, actor, data, decode(data, get_settings().photo_max_pixels))


def keep(session: Session, actor: Actor, data: bytes, photo: Decoded) -> tuple[Media, str | None]:
    """Write a photo's clean copies and its row; with a claim for anonymous senders.

    The copies are written before the row: a crash between leaves a file that nobody refers to, and
    never a row without its file.
    """
    media_id = ids.new_id()
    _keep(folder(media_id), photo.copies)
    claim_secret = None if actor.post_id else secrets.token_urlsafe(18)
    row = Media(
        county_code=actor.home_county, id=media_id, uploaded_by=actor.id, kind="photo", name="",
        claim_hash=crypto.blind(claim_secret, "claim") if claim_secret else None,
        sha256=hashlib.sha256(data).digest(), width=photo.width, height=photo.height,
        size_bytes=len(data), exif_position=photo.position, taken_at=photo.taken_at,
        uploaded_at=clock.now(),
    )  # fmt: skip
    values = {c.key: getattr(row, c.key) for c in Media.__mapper__.column_attrs}
    session.execute(insert(Media).values(**values))
    return row, claim_secret


def _keep(where: Path, copies: Mapping[str, bytes]) -> None:
    write(where, {f"{name}.jpg": data for name, data in copies.items()})


def write(where: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of one photo or document into their folder: all, or none.

    Raises
    ------
    OSError
        The disk is full, for one. What was written of it takes no room any more.
    """
    try:
        keep_all(where, files)
    except OSError:
        shutil.rmtree(where, ignore_errors=True)
        raise


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


def visible(
    session: Session, actor: Actor, media_id: UUID, sees: Sees, kind: str = "photo"
) -> Media:
    """A photo, or document, that the actor may see; row-level security holds the rule behind it.

    It is its uploader's until a step takes it, and from then on seen by exactly those who see what
    it belongs to. An anonymous upload is shown to nobody before.

    Raises
    ------
    NotFound
        No such photo for this actor.
    """
    row = queries.one(session, media_id, kind)
    if row is None:
        raise NotFound("photo_not_found")
    if row.event_id is None or row.event_county is None:
        mine = actor.post_id is not None and row.uploaded_by == actor.id
    else:
        mine = sees(session, actor, row.event_county, row.event_id)
    if not mine:
        raise NotFound("photo_not_found")
    return row
