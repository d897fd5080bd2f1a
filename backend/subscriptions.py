"""Which domain hears which fact: the one table."""

from backend.core.delivery import Handlers
from backend.notices import service as notices

HANDLERS: Handlers = {
    "event.advanced": (notices.tell,),
    "event.overdue": (),
    "event.reminder": (notices.remind,),
}
