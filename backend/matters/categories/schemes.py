"""A category scheme before it is published: its categories, conditions and questions. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.tools.calendar.clocks import Clock


class Question(BaseModel):
    """Something to ask about a matter; ``when`` names the earlier answer that makes it apply."""

    code: str
    zh: str
    en: str = ""
    type: Literal["choice", "text", "number", "yes_no"] = "text"
    options: list[str] = []
    required: bool = False
    when: dict[str, str] = {}


class Stage(BaseModel):
    """A limit inside the limit: by when the first part must be done."""

    zh: str
    en: str = ""
    clock: Clock
    amount: float = Field(gt=0)


class Condition(BaseModel):
    """When a matter is accepted, by when it is handled, and when it is done."""

    code: str
    zh: str
    en: str = ""
    clock: Clock
    amount: float = Field(gt=0)
    closing_zh: str = ""
    closing_en: str = ""
    basis: str = ""
    stages: list[Stage] = []


class CategoryDraft(BaseModel):
    """A category before it is published; groups have no conditions."""

    code: str
    parent: str | None = None
    zh: str
    en: str = ""
    icon: str = ""
    photo: bool = False
    self_resolve: bool = False
    fast: bool = False
    recheck: bool = False
    sensitive: bool = False
    personal: bool = False
    duty: str = ""
    words: list[str] = []
    conditions: list[Condition] = []
    questions: list[Question] = []


def of_data(groups: Sequence[Mapping[str, Any]]) -> list[CategoryDraft]:
    """A scheme from our own seed data, any number of levels deep."""

    def walk(nodes: Sequence[Mapping[str, Any]], parent: str | None) -> Iterator[CategoryDraft]:
        for node in nodes:
            fields = {k: v for k, v in node.items() if k not in ("children", "self")}
            yield CategoryDraft(parent=parent, self_resolve=node.get("self", False), **fields)
            yield from walk(node.get("children", ()), node["code"])

    return list(walk(groups, None))
