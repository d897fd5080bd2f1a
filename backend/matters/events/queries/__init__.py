"""Every SELECT on events, from `visible_to` (in `sight`): scope is never forgotten."""

from backend.matters.events.queries.around import near
from backend.matters.events.queries.beside import (
    Kin,
    assignments_of,
    confirmed,
    first_given,
    first_photos,
    kin,
    log_of,
    photos_of,
)
from backend.matters.events.queries.due import alarms_by, at_their_time, out_of_time, rung_for
from backend.matters.events.queries.helpers import (
    AT_HELP,
    Helping,
    at_help,
    helping,
    late_helpers,
    own_duty,
    own_help,
    sooner,
    yet_to_arrive,
)
from backend.matters.events.queries.lists import Wanted, listed
from backend.matters.events.queries.merges import merged_directly
from backend.matters.events.queries.named import Reach, naming, within
from backend.matters.events.queries.personal import contact_of, looks, looks_at
from backend.matters.events.queries.shown import page, points
from backend.matters.events.queries.sight import arms, one, visible_to
from backend.matters.events.queries.single import (
    at_it,
    led_to,
    lock,
    locked,
    lying,
    recurrence,
    reported_at,
    tracked,
)

__all__ = [
    "AT_HELP", "Helping", "Kin", "Reach", "Wanted", "alarms_by", "arms", "assignments_of",
    "at_help", "at_it", "at_their_time", "confirmed", "contact_of", "first_given", "first_photos",
    "helping", "kin", "late_helpers", "led_to", "listed", "lock", "locked", "log_of",
    "looks", "looks_at", "lying", "merged_directly", "naming", "near", "one", "out_of_time",
    "own_duty", "own_help", "page", "photos_of", "points", "recurrence", "reported_at", "rung_for",
    "sooner", "tracked", "visible_to", "within", "yet_to_arrive",
]  # fmt: skip
