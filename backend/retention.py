"""What is kept for how long, and why: the one table, and the job that forgets.

Forgotten is what only served to reach somebody or to tell them; never the case, its journal, who
answered for it, or the audit list. Each run that forgot something leaves an entry in that list. The
database holds a floor below each of these times (migration 0028): no setting and no fault of ours
removes anything younger.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from backend.city.accounts import audit
from backend.core import clock
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.core.settings import get_settings

BATCH = 2_000


@dataclass(frozen=True)
class Rule:
    """One kind of thing that is forgotten: the setting of its days, and the database function."""

    what: str
    setting: str
    function: str
    # False: small and shared by all counties, so forgotten once, in the turn of the intake county.
    by_county: bool = True


RULES = (
    Rule("contacts", "contact_days", "forget_contacts"),
    Rule("messages", "message_days", "forget_messages"),
    Rule("notices", "notice_days", "forget_notices"),
    Rule("cameras", "camera_days", "forget_cameras"),
    Rule("sessions", "session_days", "forget_sessions", by_county=False),
)


def forget(county_code: str, _: Aside) -> int:
    """A slice of the job: what is old enough in one county is forgotten; how much it was."""
    found = 0
    for rule in RULES:
        if rule.by_county or county_code == INTAKE_COUNTY:
            found += _forget(rule, county_code)
    return found


def _forget(rule: Rule, county_code: str) -> int:
    days: int = getattr(get_settings(), rule.setting)
    with job_unit(county_code) as session:
        gone = int(
            session.execute(
                text(f"SELECT {rule.function}(:county, :before, :most)"),
                {
                    "county": county_code, "before": clock.now() - timedelta(days=days),
                    "most": BATCH,
                },
            ).scalar_one()
        )  # fmt: skip
        if gone:
            audit.note(
                session, system(county_code), audit.What.FORGOTTEN, about=rule.what, rows=gone,
                days=days,
            )  # fmt: skip
    return gone
