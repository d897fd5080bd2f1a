"""Append-only logs, hash-chained: each entry seals itself and everything before it.

``hash = SHA-256(previous hash || canonical JSON of the entry)``; the first entry's previous hash is
32 zero bytes. Whatever the log belongs to holds the head, so a removed tail is noticed as well.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

GENESIS = bytes(32)


class Entry(Protocol):
    """A row of a log, whatever else it has."""

    seq: Any
    hash: Any


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def seal(previous: bytes, entry: dict[str, Any], sealed: Sequence[str]) -> bytes:
    """The hash of an entry that follows ``previous``; ``sealed`` names the fields that count."""
    body = json.dumps(
        {name: _plain(entry[name]) for name in sealed},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(previous + body.encode()).digest()


def broken_at(entries: Iterable[Entry], head: bytes, sealed: Sequence[str]) -> int | None:
    """The first sequence number that does not fit; None when the chain holds to its head."""
    previous, expected = GENESIS, 1
    for entry in entries:
        fields = {name: getattr(entry, name) for name in sealed}
        if entry.seq != expected or seal(previous, fields, sealed) != entry.hash:
            return expected
        previous, expected = entry.hash, expected + 1
    return None if previous == head else expected
