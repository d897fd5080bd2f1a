"""No test waits a fixed time: it asks again until something is so, or hears of it."""

import ast
from collections.abc import Iterator

from backend.embedded.place import REPOSITORY


def fixed_waits(tree: ast.AST, asks: bool = False) -> Iterator[int]:
    """The lines of pauses of a fixed length that stand in no loop, and of all a page's pauses."""
    for node in ast.iter_child_nodes(tree):
        inside = asks or isinstance(node, ast.While | ast.For | ast.AsyncFor)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            # One of no length only lets others go on.
            constant = all(isinstance(given, ast.Constant) and given.value for given in node.args)
            if name == "wait_for_timeout" or (name == "sleep" and constant and not inside):
                yield node.lineno
        yield from fixed_waits(node, inside)


def test_what_a_fixed_wait_is() -> None:
    waits = (
        "time.sleep(1)\npage.wait_for_timeout(4)\nwhile x:\n  sleep(1)\nsleep(random())\nsleep(0)\n"
    )
    assert list(fixed_waits(ast.parse(waits))) == [1, 2]


def test_no_test_waits_a_fixed_time() -> None:
    found = [
        f"{file.relative_to(REPOSITORY)}:{line}"
        for file in sorted((REPOSITORY / "tests").rglob("*.py"))
        for line in fixed_waits(ast.parse(file.read_text("utf-8")))
    ]
    assert found == []
