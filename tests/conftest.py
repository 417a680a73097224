"""A made-up study whose tables the tests of figures and report share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    """Give the module that makes the tables."""
    from tests.figures import synthetic

    return synthetic


@pytest.fixture(scope="session")
def tables(synthetic: Any) -> Any:
    """Give the tables of a study with five documents."""
    return synthetic.study()


@pytest.fixture(scope="session")
def plots(synthetic: Any, tables: Any) -> Any:
    """Give every figure of that study."""
    return synthetic.all_plots(tables)
