"""The log of an event: which fields of an entry its chain seals (`core.chain`)."""

from collections.abc import Iterable
from typing import Any

from backend.core import chain
from backend.core.chain import GENESIS
from backend.matters.events.models import EventAction

__all__ = ["GENESIS", "broken_at", "seal"]

SEALED = (
    "event_id", "seq", "action", "from_state", "to_state", "actor_id", "post_id", "role",
    "organization_id", "note", "details", "at", "client_at",
)  # fmt: skip


def seal(previous: bytes, entry: dict[str, Any]) -> bytes:
    """The hash of an entry that follows ``previous``."""
    return chain.seal(previous, entry, SEALED)


def broken_at(entries: Iterable[EventAction], head: bytes) -> int | None:
    """The first sequence number that does not fit; None when the chain holds to its head."""
    return chain.broken_at(entries, head, SEALED)
