"""`./onemap doctor`: what hangs, was put aside or given up, in sentences; and trying it again."""

import locale
import os

from redis import Redis
from sqlalchemy import text

from backend.cli.environment import console, settle
from backend.core import day
from backend.core.db import get_engine, unit_of_work
from backend.core.faults import in_words
from backend.core.language import DEFAULT, say
from backend.core.settings import get_settings


def examine(again: bool) -> int:
    """Print what does not run: 0 when all does, 1 when something hangs, 2 without a database."""
    from backend.insight.running import service
    from backend.jobs import JOBS

    settle()
    language = DEFAULT if _speaks_chinese() else "en"
    try:
        with get_engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as fault:
        console.print(f"[red]✗ {say(language, 'running.database')}[/] {in_words(fault)}")
        return 2
    wrong = 0
    try:
        with Redis.from_url(
            get_settings().redis_url, socket_timeout=2, socket_connect_timeout=2
        ) as redis:
            redis.ping()
    except Exception as fault:
        wrong = 1
        console.print(f"[red]✗ {say(language, 'running.redis')}[/] {in_words(fault)}")
    with unit_of_work() as session:
        found = service.found(session, JOBS, language)
    for one in found:
        wrong = 1
        since = f" [dim]({day.minute(one.since)})[/]" if one.since else ""
        console.print(f"[red]✗[/] {one.words}{since}", soft_wrap=True)
    if not wrong:
        console.print(f"[green]✓ {say(language, 'running.fine')}[/]")
    if again:
        with unit_of_work() as session:
            n = service.all_again(session, JOBS)
        console.print(say(language, "running.tried", n=n))
    elif any(one.fact or one.messages for one in found):
        console.print("  ./onemap doctor --again")
    return wrong


def _speaks_chinese() -> bool:
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return named.lower().startswith("zh")
