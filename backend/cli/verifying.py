"""`./onemap verify`: does every journal still say what was written into it?"""

from backend.cli.environment import console, servers


def verify() -> int:
    """Walk the journals of events, items, decisions and meetings; 1 when one does not hold."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    import backend.tables  # noqa: F401 (every kind of journal is loaded)
    from backend.core import verifying
    from backend.core.settings import get_settings

    with servers():
        # One snapshot for heads and entries, so that the service may go on meanwhile.
        engine = create_engine(get_settings().owner_url, isolation_level="REPEATABLE READ")
        with Session(engine) as session:
            done = [verifying.check(session, kind) for kind in verifying.kinds()]
        engine.dispose()
    for kind in done:
        line = f"{kind.things:<14}{kind.journals:>12,} journals {kind.entries:>12,} entries"
        if kind.first is None:
            console.print(f"{line}  [green]hold[/]", soft_wrap=True)
        else:
            first = kind.first
            console.print(
                f"{line}  [red]{kind.broken:,} broken[/], the first: county {first.county_code}"
                f" {kind.things} {first.thing_id} at entry {first.seq}",
                soft_wrap=True,
            )
    return 1 if any(kind.broken for kind in done) else 0
