"""When something is due."""

from datetime import datetime, timedelta

from backend.categories.models import Category

# Stored with every computed deadline, so that it can be explained later.
RULE_VERSION = "natural-hours-1"


def due_at(category: Category, filed_at: datetime) -> datetime:
    """When the handling of an event filed at ``filed_at`` is due: the category's natural hours."""
    return filed_at + timedelta(hours=category.limit_hours)
