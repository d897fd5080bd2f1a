"""The append-only log, hash-chained an event: each entry seals itself and everything before it.

``hash = SHA-256(previous hash || canonical JSON of the entry)``; the first entry's previous hash is
32 zero bytes. The event row holds the head, so a removed tail is noticed as well.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backend.events.models import EventAction

GENESIS = bytes(32)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


SEALED = (
    "event_id", "seq", "action", "from_state", "to_state", "actor_id", "post_id", "role",
    "organization_id", "note", "details", "at", "client_at",
)  # fmt: skip


def seal(previous: bytes, entry: dict[str, Any]) -> bytes:
    """The hash of an entry that follows ``previous``."""
    body = json.dumps(
        {name: _plain(entry[name]) for name in SEALED},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(previous + body.encode()).digest()


def broken_at(entries: Iterable[EventAction], head: bytes) -> int | None:
    """The first sequence number that does not fit; None when the chain holds to its head."""
    previous, expected = GENESIS, 1
    for entry in entries:
        fields = {name: getattr(entry, name) for name in SEALED}
        if entry.seq != expected or seal(previous, fields) != entry.hash:
            return expected
        previous, expected = entry.hash, expected + 1
    return None if previous == head else expected
