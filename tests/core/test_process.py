"""The processes as a city reads them, `docs/process.md`, drawn from the tables that hold them.

After a change that is meant, write the picture anew and read the difference:
``ONEMAP_WRITE_PICTURES=1 .venv/bin/python -m pytest tests/core/test_process.py``.
"""

import os
from collections.abc import Iterator
from enum import StrEnum
from itertools import groupby
from types import CodeType, FunctionType
from typing import Any

import pytest

from backend.core.actor import Role
from backend.core.language import sentences
from backend.core.steps import Process, Rule
from backend.embedded.place import REPOSITORY
from backend.matters.deliberations import workflow as deliberations
from backend.matters.events import workflow as events
from backend.matters.items import workflow as items

PICTURE = REPOSITORY / "docs" / "process.md"
PROCESSES = (
    ("事件 Events", "backend/matters/events/workflow.py", events.PROCESS),
    ("清单事项 List items", "backend/matters/items/workflow.py", items.PROCESS),
    (
        "村级议事 Village decisions",
        "backend/matters/deliberations/workflow.py",
        deliberations.PROCESS,
    ),
)
HEAD = """# 流程 Processes

谁、在什么状态下、可以做什么、要带上什么、还差什么时做不了。 Who may do what, from which state, what it must bring, and what
it waits for.

Drawn from the tables that the program itself goes by, and held equal to them by a test (`tests/core/test_process.py` says how to
draw it anew); nothing here is typed by hand. A step that is not listed is refused, with what can be done instead.
"""


# Standing that comes from the thing itself and not from a post's role.
PARTIES = {
    "reporter": "上报人", "lead": "主办单位", "co": "协办单位", "offered": "可认领的单位", "doer": "承办单位",
    "wanted": "可认领的单位", "funder": "出资单位", "above_funder": "管着出资单位的上级（出资单位的人自己申请的）",
    "turn": "程序指定的岗位", "anybody": "看得到的人",
}  # fmt: skip


def zh(code: str) -> str:
    return sentences("zh-CN")[code]


def who(rule: Rule[Any, Any, Any, Any]) -> str:
    rank = [*PARTIES, *Role]
    named = sorted(rule.who, key=lambda one: rank.index(one))
    return "、".join(
        PARTIES[one] if type(one).__name__ == "Party" else zh(f"role.{one}") for one in named
    )


def words_in(guard: object, seen: frozenset[object] = frozenset()) -> Iterator[str]:
    """The codes of the sentences that a guard may answer with, in the order of its source."""
    if not isinstance(guard, FunctionType) or guard in seen:
        return
    seen |= {guard}
    held = [cell.cell_contents for cell in guard.__closure__ or ()]
    kinds = [one for one in held if isinstance(one, StrEnum)]
    for said in constants(guard.__code__):
        yield said
        yield from (f"{said}{kind}" for kind in kinds)
    for one in held:
        for inner in one if isinstance(one, tuple) else (one,):
            yield from words_in(inner, seen)
    for name in guard.__code__.co_names:
        called = guard.__globals__.get(name)
        if isinstance(called, FunctionType) and package(called) == package(guard):
            yield from words_in(called, seen)


def package(function: FunctionType) -> str:
    return function.__module__.rpartition(".")[0]


def constants(code: CodeType) -> Iterator[str]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from constants(one)
        elif isinstance(one, str):
            yield one


def waits_for(rule: Rule[Any, Any, Any, Any]) -> str:
    known = sentences("zh-CN")
    found = dict.fromkeys(code for code in words_in(rule.guard) if code in known)
    return "<br>".join(zh(code) for code in found)


def table(process: Process[Any, Any, Any, Any]) -> list[str]:
    """A row a step; states in which it is the same step stand together."""
    words, rows = process.words, []

    def row(rule: Rule[Any, Any, Any, Any]) -> tuple[str, str, str, str, str]:
        stays = rule.target is rule.at
        return (
            zh(f"{words.action}.{rule.action}"),
            "（不变）" if stays else zh(f"{words.state}.{rule.target}"),
            who(rule),
            "<br>".join(zh(f"{words.needs}_{need}") for need in rule.needs),
            waits_for(rule),
        )

    for (action, target, people, needs, waits), rules in groupby(process.rules.values(), row):
        at = "、".join(zh(f"{words.state}.{rule.at}") for rule in rules)
        rows.append(f"| {action} | {at} | {target} | {people} | {needs} | {waits} |")
    return ["| 步骤 | 在 | 到 | 谁 | 要带上 | 何时做不了 |", "|---|---|---|---|---|---|", *rows]


def picture() -> str:
    lines = [HEAD]
    for title, file, process in PROCESSES:
        lines += [f"## {title}", "", f"`{file}`", "", *table(process), ""]
    return "\n".join(lines)


def test_the_picture_of_the_processes_is_true() -> None:
    drawn = picture()
    if os.environ.get("ONEMAP_WRITE_PICTURES"):
        PICTURE.write_text(drawn, "utf-8")
    assert drawn.splitlines() == PICTURE.read_text("utf-8").splitlines()


@pytest.mark.parametrize(("title", "file", "process"), PROCESSES)
def test_every_guard_says_in_words_what_is_missing(
    title: str, file: str, process: Process[Any, Any, Any, Any]
) -> None:
    silent = {str(r.action) for r in process.rules.values() if r.guard and not waits_for(r)}
    assert not silent
