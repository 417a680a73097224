from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


def _load() -> Any:
    # By path, so that it is found however the tests are started.
    path = Path(__file__).parents[1] / "figures" / "synthetic.py"
    spec = importlib.util.spec_from_file_location("synthetic_study", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def synthetic() -> Any:
    return _load()


@pytest.fixture(scope="session")
def tables(synthetic: Any) -> Any:
    return synthetic.study()


@pytest.fixture(scope="session")
def plots(synthetic: Any, tables: Any) -> Any:
    return synthetic.all_plots(tables)
