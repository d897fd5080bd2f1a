"""Which domain hears which fact: the one table."""

from backend.core.delivery import Handlers
from backend.matters.deliberations import telling as deliberations
from backend.matters.events.casework import handing, passing
from backend.matters.lists import hot_spots, telling
from backend.matters.reviews import minutes
from backend.matters.routing import service as routing
from backend.matters.telling import service as telling_events
from backend.tools.notices import sending

HANDLERS: Handlers = {
    "event.advanced": (
        telling_events.tell,
        routing.hear,
        passing.hear,
        hot_spots.hear,
        telling.hear_event,
    ),
    "event.overdue": (),
    "post.ended": (handing.hear,),
    "event.reminder": (telling_events.remind,),
    "event.late": (telling_events.late,),
    "item.advanced": (telling.hear,),
    "review.ended": (minutes.hear,),
    "deliberation.advanced": (deliberations.hear,),
    "phone.asked": (sending.send_code,),
}
