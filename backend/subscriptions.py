"""Which domain hears which fact: the one table."""

from backend.core.delivery import Handlers
from backend.notices import service as notices
from backend.routing import service as routing

HANDLERS: Handlers = {
    "event.advanced": (notices.tell, routing.hear),
    "event.overdue": (),
    "event.reminder": (notices.remind,),
}
