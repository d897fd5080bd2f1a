"""Every SELECT on events, from `visible_to` (in `sight`): scope is never forgotten."""

from backend.matters.events.queries.around import near
from backend.matters.events.queries.beside import (
    Kin,
    assignments_of,
    confirmed,
    first_given,
    kin,
    log_of,
    photos_of,
    positions,
)
from backend.matters.events.queries.helpers import (
    Helping,
    at_help,
    helping,
    late_helpers,
    own_help,
    sooner,
)
from backend.matters.events.queries.lists import Wanted, listed, points
from backend.matters.events.queries.sight import arms, one, visible_to

__all__ = [
    "Helping", "Kin", "Wanted", "arms", "assignments_of", "at_help", "confirmed", "first_given",
    "helping", "kin", "late_helpers", "listed", "log_of", "near", "one", "own_help", "photos_of",
    "points", "positions", "sooner", "visible_to",
]  # fmt: skip
