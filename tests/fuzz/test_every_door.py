"""Every operation of the API, called with whatever its description allows and forbids, by every role.

Not part of every run: `./onemap fuzz --cases 10000`. It fails on any answer of 500 or more, and on any
refusal that is not served as it is described. Half of the cases are what the description allows, with
nasty values in some leaves; half are what it forbids.
"""

import copy
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from backend.core.actor import Actor
from tests.conftest import Town

CASES = int(os.environ.get("ONEMAP_FUZZ_CASES", "0"))
DOOR = os.environ.get("ONEMAP_FUZZ_DOOR", "")
pytestmark = pytest.mark.skipif(not CASES, reason="./onemap fuzz runs these")

ROLES = (
    None, "demo-unit", "demo-grid", "demo-village", "demo-town", "demo-dept", "demo-county",
    "demo-city", "demo-leader", "demo-admin",
)  # fmt: skip
# On a busy machine a document is opened late, by a process apart.
PATIENCE_S = 60
# An open stream never answers in full.
LEFT_OUT = ("/live",)
NASTY: list[Any] = [
    "\0", "a\0b", "\u200b", "\ud800", "\ufeff", "\u202e", "%", "_", "'", "\\", "", " ", "x" * 5000, "-----", "３５９９", "35990",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-11-28T08:00:00", "0000-00-00", "9999-12-31",
    5e-324, 1e308, -1e308, -0.0, 1e17, 10**40, -(10**40), 2**31, 2**15, 2**63, True, None, [], {}, [[[[[]]]]],
    {"type": "x"}, {"type": "Point", "coordinates": [1, 2, 10**400]}, {"type": "Polygon", "coordinates": [[]]},
]  # fmt: skip


def spoiled(draw: Callable[[Any], Any], value: Any) -> Any:
    """A copy of a value in which one leaf is another."""
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value, key=str)))
        return {**value, key: spoiled(draw, value[key])}
    if isinstance(value, list) and value:
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], spoiled(draw, value[at]), *value[at + 1 :]]
    return draw(st.sampled_from(NASTY))


def described(answer: Any, case: Case) -> str | None:
    """What is wrong with an answer; None when it is as it was described."""
    kind = answer.headers.get("content-type", [""])
    kind = (kind[0] if isinstance(kind, list) else kind).partition(";")[0]
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code >= 400 and kind != "application/problem+json":
        return f"{answer.status_code} served as {kind}"
    told = case.operation.definition.raw["responses"].get(str(answer.status_code))
    if answer.status_code < 300 and told is not None and answer.content:
        allowed = set(told.get("content", {}))
        if allowed and kind not in allowed:
            return f"{answer.status_code} served as {kind}, described as {sorted(allowed)}"
    return None


@pytest.mark.parametrize("who", ROLES, ids=[who or "nobody" for who in ROLES])
def test_no_door_breaks(
    client: TestClient, town: Town, as_actor: Callable[[Actor], dict[str, str]], who: str | None
) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    operations = [
        one.ok() for one in schema.get_all_operations() if not one.ok().path.endswith(LEFT_OUT)
    ]
    each = max(2, CASES // (len(ROLES) * len(operations)))
    operations = [one for one in operations if DOOR in one.path]
    wrong: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for operation in operations:
        # Anew for each: some of them end the caller's sessions.
        headers = as_actor(town[who]) if who else {}
        begun, answers = time.monotonic(), Counter[int]()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(operation, mode, each // 2 or 1, headers, answers, wrong, examples)
        # Whoever runs it sees how far it is, and which doors are slow.
        took, met = time.monotonic() - begun, dict(sorted(answers.items()))
        print(f"{took:6.1f} s  {operation.method} {operation.path} {met}", flush=True)
    told = "\n".join(f"{n} x {fault}\n    {examples[fault]}" for fault, n in wrong.most_common(40))
    assert not wrong, told


def _try(
    operation: Any, mode: GenerationMode, cases: int, headers: dict[str, str],
    answers: Counter[int], wrong: Counter[str], examples: dict[str, str],
) -> None:  # fmt: skip
    try:
        made = operation.as_strategy(generation_mode=mode)
    except Exception:  # an operation without anything to forbid has no such cases
        return

    @settings(
        max_examples=cases, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=made, data=st.data())
    def call(case: Case, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            for part in ("body", "query", "path_parameters"):
                value = getattr(case, part)
                if isinstance(value, dict) and value and data.draw(st.booleans()):
                    setattr(case, part, spoiled(data.draw, copy.deepcopy(dict(value))))
        try:
            answer = case.call(headers=headers, timeout=PATIENCE_S)
        except (UnicodeError, ValueError, TypeError, OverflowError):
            return  # the client itself cannot send that
        answers[answer.status_code] += 1
        fault = described(answer, case)
        if fault is not None:
            line = f"{operation.method.upper()} {operation.path}: {fault}"
            wrong[line] += 1
            examples.setdefault(line, ascii(
                {"path": case.path_parameters, "query": case.query, "body": case.body})[:600])  # fmt: skip

    try:
        call()
    except Unsatisfiable:
        return
