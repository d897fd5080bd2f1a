"""How columns are asked: for words, for many values at once; and whether there is such a row."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, any_, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import SQLCoreOperations

Column = InstrumentedAttribute[Any] | SQLCoreOperations[Any]


def holds(column: Column, words: str) -> ColumnElement[bool]:
    """Whether a column holds these words; ``%`` and ``_`` are signs like any other."""
    return column.contains(words, autoescape=True)


def among(column: Column, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column is one of these values, however many there are.

    They travel as one array: a parameter a value ends at 65,535, and every other count of values
    would be another statement to plan.
    """
    return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[union-attr]


def there(session: Session, query: Select[Any]) -> bool:
    """Whether a query of a domain finds a row; none is read."""
    return bool(session.scalar(select(query.exists())))
