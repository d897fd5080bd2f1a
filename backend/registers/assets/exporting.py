"""The register of assets as a spreadsheet: the whole of it, as the actor sees it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.city.accounts import audit
from backend.city.organizations import queries as organizations
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.registers.assets import queries as assets
from backend.registers.assets import register
from backend.registers.assets.models import Asset
from backend.tools.importing import handing, streaming
from backend.tools.importing.sheets import Table


def count(actor: Actor, most: int) -> int:
    """How many assets stand in the actor's area, counted no further than ``most``."""
    query = assets.visible_to(actor).limit(most).with_only_columns(Asset.id)
    with unit_of_work(actor) as session:
        return len(session.scalars(query).all())


def save(actor: Actor, path: Path) -> int:
    """Write the register into a file, and into the audit list; how many rows there are."""
    cut = say(actor.language, "export_cut", most=streaming.MOST)
    with unit_of_work(actor) as session:

        def to_table(rows: Sequence[Any]) -> Table:
            owners = organizations.names(session, {row.Asset.owner_id for row in rows})
            return register.to_table(actor.language, rows, owners)

        query = assets.visible_to(actor)
        written = streaming.save(path, handing.batches(session, query, to_table), cut)
        audit.exported(session, actor, "assets.xlsx", written)
    return written
