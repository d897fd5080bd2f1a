"""Loading tables without their indexes, and the small arrays of bytes that rows are made of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core import day

Bytes = NDArray[np.uint8]
Moments = NDArray[np.int64]
QUARTER_US = 900 * 1_000_000
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@contextmanager
def without_indexes(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """Load without indexes and foreign keys, and make them again after: four times the speed."""
    keys = session.execute(
        text(
            "SELECT conrelid::regclass::text AS owner, conname, contype,"
            " pg_get_constraintdef(oid) AS definition FROM pg_constraint"
            " WHERE contype IN ('p', 'u', 'f') AND (conrelid::regclass::text = ANY(:tables)"
            "       OR confrelid::regclass::text = ANY(:tables)) ORDER BY contype = 'f' DESC"
        ),
        {"tables": list(tables)},
    ).all()
    indexes = session.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ),
        {"tables": list(tables)},
    ).all()
    for key in keys:
        session.execute(text(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.conname}"))
    for index in indexes:
        session.execute(text(f"DROP INDEX {index.indexname}"))
    yield
    session.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
    for index in indexes:
        # As a whole string: some definitions hold colons, which would be read as parameters.
        session.connection().exec_driver_sql(index.indexdef)
    for key in reversed(keys):
        session.execute(
            text(f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.conname} {key.definition}")
        )


def letters(words: Sequence[str]) -> Bytes:
    """Equally long ASCII words as a matrix of bytes, one row each."""
    return np.array(words, f"S{len(words[0])}").view(np.uint8).reshape(len(words), -1)


def keys(ms: Moments, rng: np.random.Generator) -> Bytes:
    """UUIDv7 keys (RFC 9562) of moments in milliseconds, as a matrix of 16 bytes a row."""
    out = rng.integers(0, 256, (len(ms), 16), np.uint8)
    out[:, :6] = ms.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    out[:, 6] = out[:, 6] & 0x0F | 0x70
    out[:, 8] = out[:, 8] & 0x3F | 0x80
    return out


def spelled(ids: Bytes) -> Bytes:
    """Keys as people write them: 36 characters a row."""
    out = np.full((len(ids), 36), ord("-"), np.uint8)
    places = [i for i in range(36) if i not in (8, 13, 18, 23)]
    out[:, places[0::2]], out[:, places[1::2]] = HEX[ids >> 4], HEX[ids & 15]
    return out


def written(at: Moments) -> Bytes:
    """Moments as the seal writes them: UTC with microseconds, 32 characters a row."""
    texts = np.datetime_as_string(at.astype("datetime64[us]"), unit="us").astype("S26")
    zone = np.tile(np.frombuffer(b"+00:00", np.uint8), (len(at), 1))
    return np.concatenate([texts.view(np.uint8).reshape(-1, 26), zone], 1)


def fill(template: str, given: Mapping[str, Bytes | bytes], n: int) -> Bytes:
    """``n`` times the template, each ``<name>`` replaced by its row of a matrix, or one for all."""
    parts = []
    for i, part in enumerate(re.split(r"<(\w+)>", template)):
        value: Bytes | bytes = given[part] if i % 2 else part.encode()
        if isinstance(value, bytes):
            value = np.broadcast_to(np.frombuffer(value, np.uint8), (n, len(value)))
        parts.append(value)
    return np.concatenate(parts, 1)


class Days:
    """The city's day of many moments; zones differ from UTC by quarters of an hour."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first // QUARTER_US
        quarters = range(self._first, last // QUARTER_US + 1)
        found = [day.digits(datetime.fromtimestamp(q * 900, UTC)) for q in quarters]
        self._digits = np.array(found, "S8")
        months = sorted({f"{one[:4]}-{one[4:6]}" for one in found})
        self.months = months
        number = {one: i for i, one in enumerate(months)}
        self._month = np.array([number[f"{one[:4]}-{one[4:6]}"] for one in found], np.int16)

    def digits(self, at: Moments) -> Bytes:
        """Each day as ``20261121``: eight characters a row."""
        return self._digits[at // QUARTER_US - self._first].view(np.uint8).reshape(-1, 8)

    def month(self, at: Moments) -> NDArray[np.int16]:
        """Each month, as its place in ``months``."""
        return self._month[at // QUARTER_US - self._first]
