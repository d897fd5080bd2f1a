"""The docstrings of `gis` are whole, and what they show is what it does."""

import ast
import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import gis

MODULES = [module.name for module in pkgutil.iter_modules(gis.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    module = importlib.import_module(f"gis.{name}")
    assert doctest.testmod(module).failed == 0


def public_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name in MODULES:
        tree = ast.parse(Path(gis.__path__[0], f"{name}.py").read_text())
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for place in (tree, *classes):
            for node in place.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield f"{name}.{node.name}", node


def test_every_public_function_names_its_parameters_what_it_returns_and_its_errors() -> None:
    missing = []
    for name, node in public_functions():
        doc = ast.get_docstring(node) or ""
        sections = {lines[0] for part in doc.split("\n\n") if (lines := part.split("\n"))[1:]}
        named = doc.partition("Parameters\n")[2].partition("\n\n")[0]
        for argument in (*node.args.args, *node.args.kwonlyargs):
            if argument.arg != "self" and argument.arg not in named.replace(",", " ").split():
                missing.append(f"{name}: parameter {argument.arg}")
        nothing = isinstance(node.returns, ast.Constant) and node.returns.value is None
        if not nothing and not sections & {"Returns", "Yields"}:
            missing.append(f"{name}: what it returns")
        if any(isinstance(part, ast.Raise) for part in ast.walk(node)) and "Raises" not in sections:
            missing.append(f"{name}: what it raises")
    assert not missing, "\n".join(missing)
