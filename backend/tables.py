"""Every table, imported once, for migrations and for the test of the catalogue."""

from backend.accounts import models as accounts
from backend.areas import models as areas
from backend.categories import models as categories
from backend.core import idempotency, outbox
from backend.core.db import Base
from backend.counters import models as counters
from backend.deadlines import models as deadlines
from backend.deliberations import models as deliberations
from backend.events import models as events
from backend.items import models as items
from backend.lists import models as lists
from backend.media import models as media
from backend.notices import models as notices
from backend.organizations import models as organizations
from backend.places import models as places
from backend.reviews import models as reviews
from backend.routing import models as routing

__all__ = [
    "Base", "accounts", "areas", "categories", "counters", "deadlines", "deliberations", "events",
    "idempotency", "items", "lists", "media", "notices", "organizations", "outbox", "places",
    "reviews", "routing",
]  # fmt: skip
