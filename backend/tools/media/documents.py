"""Documents: PDF, DOCX and XLSX, kept as they came; told by their content, never by their name."""

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from backend.core import ids
from backend.core.actor import Actor
from backend.core.errors import BadInput
from backend.tools.media.models import Media
from backend.tools.media.service import folder

BYTES_MOST = 20_000_000
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
    if data[:5] == b"%PDF-":
        return "pdf"
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    # An archive of a later version than this library reads is not implemented.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadInput("document_unreadable") from error
    if any(name.endswith("vbaProject.bin") for name in names):
        raise BadInput("document_macros")
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return "docx"
        if "xl/workbook.xml" in names:
            return "xlsx"
    raise BadInput("document_unreadable")


def path_of(row: Media) -> Path:
    """Where a document lies."""
    return folder(row.id) / "document"


def type_of(row: Media) -> str:
    """Its media type, from the ending that `store` gave it."""
    return next(t for ending, t in TYPES.items() if row.name.endswith(f".{ending}"))


def store(session: Session, actor: Actor, data: bytes, name: str) -> UUID:
    """Keep a document and its row; the file is written first, so no row is without it.

    Raises
    ------
    BadInput
        Not a document of a kind that is taken in.
    """
    ending = format_of(data)
    stem = UNSAFE.sub(" ", name.replace("\\", "/").rpartition("/")[2]).rpartition(".")[0]
    stem = stem[:80].strip() or "document"
    row = Media(id=ids.new_id())
    where = path_of(row)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(data)
    session.execute(
        insert(Media).values(
            county_code=actor.home_county, id=row.id, uploaded_by=actor.id, kind="document",
            name=f"{stem}.{ending}", sha256=hashlib.sha256(data).digest(), width=0, height=0,
            size_bytes=len(data), uploaded_at=func.now(),
        )
    )  # fmt: skip
    return row.id
