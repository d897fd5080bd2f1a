"""What the docstrings of `gis` show is what it does."""

import doctest
import importlib
import pkgutil

import pytest

import gis


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(gis.__path__)])
def test_the_examples_hold(name: str) -> None:
    module = importlib.import_module(f"gis.{name}")
    assert doctest.testmod(module).failed == 0
