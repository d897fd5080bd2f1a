"""What goes out of a journal."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class EntryOut(BaseModel):
    """One line of a history; each kind of thing adds what it did and what came of it."""

    id: UUID
    seq: int
    at: datetime
    actor_name: str
    role: str
    organization: str | None
    note: str
    photos: list[UUID] = []
