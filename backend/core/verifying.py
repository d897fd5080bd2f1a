"""Walking every journal there is, from its first entry to the head that its thing holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.journal import Entry, broken_at

# Rows that are read at once: a city's journals do not fit into memory.
CHUNK = 5_000


@dataclass(frozen=True)
class Break:
    """The first entry of one journal that does not fit."""

    county_code: str
    thing_id: UUID
    seq: int


@dataclass
class Checked:
    """One kind of journal after the walk."""

    things: str
    journals: int = 0
    entries: int = 0
    broken: int = 0
    first: Break | None = None


def kinds() -> list[type[Entry]]:
    """The kinds of journals; `backend.tables` has loaded them all."""
    return sorted(Entry.__subclasses__(), key=lambda kind: kind.of.__name__)


def check(session: Session, kind: type[Entry]) -> Checked:
    """Walk every journal of one kind, in the order of keys.

    The session sees every row, in one snapshot: an entry that is written meanwhile breaks nothing.
    """
    of: Any = kind.of
    done = Checked(of.__tablename__)
    written = _grouped(session, kind)
    following = next(written, None)
    heads = session.execute(
        select(of.county_code, of.id, of.log_seq, of.log_head)
        .order_by(of.county_code, of.id)
        .execution_options(yield_per=CHUNK)
    )
    for county, thing_id, log_seq, head in heads:
        entries: list[Entry] = []
        if following is not None and following[0] == (county, thing_id):
            entries = following[1]
            following = next(written, None)
        done.journals += 1
        done.entries += len(entries)
        seq = broken_at(entries, head)
        if seq is None and len(entries) != log_seq:
            seq = len(entries) + 1
        if seq is not None:
            done.broken += 1
            done.first = done.first or Break(county, thing_id, seq)
    return done


def _grouped(session: Session, kind: type[Entry]) -> Iterator[tuple[tuple[str, UUID], list[Entry]]]:
    """The entries of one thing after the other, as `check` meets their heads."""
    of = getattr(kind, kind.of_column)
    rows = session.scalars(
        select(kind).order_by(kind.county_code, of, kind.seq).execution_options(yield_per=CHUNK)
    )
    for key, entries in groupby(rows, lambda row: (row.county_code, getattr(row, kind.of_column))):
        yield key, list(entries)
