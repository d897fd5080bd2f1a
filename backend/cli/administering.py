"""`./onemap admin ...`: the first administrator of a real installation."""

from dataclasses import replace
from typing import Annotated

import typer

from backend.cli.environment import console, servers

administering = typer.Typer(no_args_is_help=True, help="The first administrator.")


@administering.command()
def create(
    username: Annotated[str, typer.Option(help="user name")],
    name: Annotated[str, typer.Option(help="the person's name")],
    city: Annotated[str, typer.Option(help="the city's code, four digits")],
    city_name: Annotated[str, typer.Option(help="the city's name, when it is not imported yet")],
) -> None:
    """Make an administrator and print the link with which they choose a password."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from backend.city.accounts.models import Account, Post
    from backend.city.areas import queries, writing
    from backend.city.staffing import appointing
    from backend.cli.migrating import migrate_now
    from backend.core.actor import INTAKE_COUNTY, Role, system
    from backend.core.settings import get_settings
    from backend.seeding.town import rules_once

    if not (len(city) == 4 and city.isdigit()):
        raise typer.BadParameter("four digits", param_hint="--city")
    with servers():
        migrate_now()
        engine = create_engine(get_settings().owner_url, hide_parameters=True)
        with Session(engine) as session, session.begin():
            if not queries.named(session, [city]):
                writing.write(session, [writing.NewArea(city, city_name, f"{city}00", None)])
            # Reports need categories: the scheme that we ship, until the city publishes its own.
            rules_once(session)
            account = Account(username=username, name=name)
            session.add(account)
            session.flush()
            session.add(
                Post(
                    account_id=account.id, role=Role.SYS_ADMIN, area_code=city,
                    home_county=INTAKE_COUNTY,
                )
            )  # fmt: skip
            session.flush()
            # An invitation is made by somebody; the first one by the person themselves.
            maker = replace(system(INTAKE_COUNTY), id=account.id)
            secret = appointing.invite(session, maker, account)
        engine.dispose()
    console.print(f"[green]{name} ({username}) is administrator.[/] Within a week, open:")
    console.print(f"  {get_settings().public_url}/welcome#{secret}", soft_wrap=True)
