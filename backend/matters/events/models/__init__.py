"""Tables of events: `matter` is what is managed, `duties` who is at it, `around` all else."""

from backend.matters.events.models.around import (
    EventContact,
    ExternalReference,
    Reveal,
    SupervisionSerial,
)
from backend.matters.events.models.duties import Alarm, Assignment
from backend.matters.events.models.matter import PLACELESS, Event, EventAction

__all__ = [
    "PLACELESS", "Alarm", "Assignment", "Event", "EventAction", "EventContact", "ExternalReference",
    "Reveal", "SupervisionSerial",
]  # fmt: skip
