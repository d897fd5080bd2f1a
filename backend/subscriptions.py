"""Which domain hears which fact: the one table."""

from backend.core.delivery import Handlers
from backend.deliberations import telling as deliberations
from backend.events.service import handing, passing
from backend.lists import hot_spots, telling
from backend.notices import messages
from backend.notices import service as notices
from backend.reviews import minutes
from backend.routing import service as routing

HANDLERS: Handlers = {
    "event.advanced": (
        notices.tell,
        routing.hear,
        passing.hear,
        hot_spots.hear,
        telling.hear_event,
    ),
    "event.overdue": (),
    "post.ended": (handing.hear,),
    "event.reminder": (notices.remind,),
    "event.late": (notices.late,),
    "item.advanced": (telling.hear,),
    "review.ended": (minutes.hear,),
    "deliberation.advanced": (deliberations.hear,),
    "phone.asked": (messages.send_code,),
}
