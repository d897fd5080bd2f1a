"""Every SELECT on events, from `visible_to` (in `sight`): scope is never forgotten."""

from backend.matters.events.queries.around import near
from backend.matters.events.queries.beside import (
    Kin,
    assignments_of,
    first_given,
    kin,
    log_of,
    photos_of,
    positions,
)
from backend.matters.events.queries.lists import Wanted, listed, points
from backend.matters.events.queries.sight import arms, one, visible_to

__all__ = [
    "Kin", "Wanted", "arms", "assignments_of", "first_given", "kin", "listed", "log_of", "near",
    "one", "photos_of", "points", "positions", "visible_to",
]  # fmt: skip
