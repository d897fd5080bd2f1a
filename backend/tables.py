"""Every table, imported once, for migrations and for the test of the catalogue."""

from backend.city.accounts import models as accounts
from backend.city.areas import models as areas
from backend.city.organizations import models as organizations
from backend.core import heartbeat, idempotency, outbox
from backend.core.db import Base
from backend.matters.categories import models as categories
from backend.matters.deliberations import models as deliberations
from backend.matters.events import models as events
from backend.matters.items import models as items
from backend.matters.lists import models as lists
from backend.matters.reviews import models as reviews
from backend.matters.routing import models as routing
from backend.registers.assets import models as assets
from backend.registers.buildings import models as buildings
from backend.tools.calendar import models as deadlines
from backend.tools.counters import models as counters
from backend.tools.media import models as media
from backend.tools.notices import models as notices

__all__ = [
    "Base", "accounts", "areas", "assets", "buildings", "categories", "counters", "deadlines",
    "deliberations", "events",
    "heartbeat", "idempotency", "items", "lists", "media", "notices", "organizations", "outbox",
    "reviews", "routing",
]  # fmt: skip
