"""Documents: PDF, DOCX and XLSX, kept as they came; told by their content, never by their name."""

import hashlib
import io
import re
import zipfile
import zlib
from html import unescape
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from backend.core import apart, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput, TooLarge
from backend.tools.media.models import Media
from backend.tools.media.service import folder, write

BYTES_MOST = 20_000_000
# A document of 20 MB rarely unpacks to five times as much, and never has as many parts.
UNPACKED_MOST, ENTRIES_MOST = 200_000_000, 5_000
PDF, PDF_END = re.compile(rb"%PDF-[12]\.\d[\r\n]"), b"%%EOF"
CONTENT_TYPES = "[Content_Types].xml"
# Types of parts with code: of documents that carry macros, of the macros, of Excel 4's sheets.
MACROS = ("macroenabled", "vbaproject", "macrosheet")
Format = Literal["pdf", "docx", "xlsx"]
TYPES: dict[Format, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What a file system, a header or a screen could stumble over.
UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\u202a-\u202e\u2066-\u2069]+')


class FileOut(BaseModel):
    """A document that somebody brought."""

    id: UUID
    name: str


def format_of(data: bytes) -> Format:
    """What a document is, by what it contains.

    Raises
    ------
    BadInput
        Neither PDF nor DOCX nor XLSX, or one that carries macros.
    """
    if PDF.match(data) and PDF_END in data[-2048:]:
        return "pdf"
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        unpacked = _unpacked(data, entries)
        if len(entries) > ENTRIES_MOST or unpacked > UNPACKED_MOST:
            raise TooLarge("document_unpacks", most_mb=UNPACKED_MOST // 1_000_000)
        macros = _macros(archive)
    # An archive of a later version than this library reads is not implemented.
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError,
            RuntimeError, EOFError) as error:  # fmt: skip
        raise BadInput("document_unreadable") from error
    if macros:
        raise BadInput("document_macros")
    names = [entry.filename for entry in entries]
    if CONTENT_TYPES in names:
        if "word/document.xml" in names:
            return "docx"
        if "xl/workbook.xml" in names:
            return "xlsx"
    raise BadInput("document_unreadable")


def _macros(archive: zipfile.ZipFile) -> bool:
    """Whether a document carries code, by the names of its parts and by what it says they are.

    Programs go by the type of a part, whatever it is called.
    """
    for entry in archive.infolist():
        name = entry.filename.lower()
        if name.endswith("vbaproject.bin"):
            return True
        if name == CONTENT_TYPES.lower():
            # In UTF-16 each sign has a NUL beside it; XML writes signs by their numbers, too.
            said = unescape(archive.read(entry).replace(b"\0", b"").decode("latin-1")).lower()
            if any(kind in said for kind in MACROS):
                return True
    return False


def _unpacked(data: bytes, entries: list[zipfile.ZipInfo]) -> int:
    """How many bytes an archive holds, counted by unpacking: what its headers say may be a lie.

    Counting ends as soon as it is too much.
    """
    size = sum(entry.file_size for entry in entries)
    if size > UNPACKED_MOST or len(entries) > ENTRIES_MOST:
        return size
    size = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in entries:
            with archive.open(entry) as member:
                while part := member.read(1 << 20):
                    size += len(part)
                    if size > UNPACKED_MOST:
                        return size
    return size


def path_of(row: Media) -> Path:
    """Where a document lies."""
    return folder(row.id) / "document"


def type_of(row: Media) -> str:
    """Its media type, from the ending that `keep` gave it."""
    return next(t for ending, t in TYPES.items() if row.name.endswith(f".{ending}"))


async def opened(data: bytes) -> Format:
    """What a document is, asked in a process apart, without holding a thread.

    Raises
    ------
    BadInput
        Not a document of a kind that is taken in.
    TooLarge, Busy
        It unpacks to too much, or too many files wait.
    """
    return await apart.acall(format_of, data)


def keep(session: Session, actor: Actor, data: bytes, name: str, ending: Format) -> UUID:
    """Keep a document and its row; the file is written first, so no row is without it."""
    last = UNSAFE.sub(" ", name.replace("\\", "/").rpartition("/")[2])
    # A name without an ending is all stem; "document" only where nothing is left of it.
    stem = (last.rpartition(".")[0] or last)[:80].strip(" .") or "document"
    row = Media(id=ids.new_id())
    where = path_of(row)
    write(where.parent, {where.name: data})
    session.execute(
        insert(Media).values(
            county_code=actor.home_county, id=row.id, uploaded_by=actor.id, kind="document",
            name=f"{stem}.{ending}", sha256=hashlib.sha256(data).digest(), width=0, height=0,
            size_bytes=len(data), uploaded_at=func.now(),
        )
    )  # fmt: skip
    return row.id
