"""How long an event may wait in each state before somebody must move it.

Handling and suspension are missing: they end at the event's own due time and at the date agreed.
"""

from collections.abc import Mapping

from backend.tools.calendar.clocks import Clock, Limit

STAGES: Mapping[str, Limit] = {
    "reported": Limit(Clock.URGENT_HOUR, 2),  # Beijing: online acceptance within 2 h
    "verifying": Limit(Clock.URGENT_HOUR, 24),
    "judging": Limit(Clock.WORK_DAY, 1),  # tomorrow's meeting
    "filed": Limit(Clock.WORK_HOUR, 1),
    "dispatched": Limit(Clock.WORK_HOUR, 4),
    "feedback": Limit(Clock.WORK_HOUR, 2),
    "rechecking": Limit(Clock.WORK_DAY, 1),  # villages; two working hours in town
    "following_up": Limit(Clock.WORK_DAY, 2),
}
FAST_ACCEPT = Limit(Clock.URGENT_HOUR, 0.25)
# How long whoever handled it may object to doing it again.
OBJECT_TO_REWORK = Limit(Clock.WORK_DAY, 1)

# Percent of the limit at which people are told; at the last one the matter goes up by itself.
REMINDERS = (50, 75, 100, 150)
GOES_UP_AT = 150
