"""The public API is what `research/__init__.py` lists: all of it there, documented, with examples that run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import research

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(research.__path__, "research.") if not info.name.endswith("__main__")
)
ROOMS = ("corpus", "embedding", "themes", "framing", "stance", "inference", "figures", "report", "study")


@pytest.mark.parametrize("name", research.__all__)
def test_every_listed_name_is_there(name: str) -> None:
    assert getattr(research, name) is not None


def test_an_unlisted_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'stanse'"):
        research.stanse  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
def test_public_callables_are_documented_with_their_parameters(room: str) -> None:
    module = importlib.import_module(f"research.{room}")
    for name in module.__all__:
        value = getattr(module, name)
        if not callable(value):
            continue
        text = inspect.getdoc(value) or ""
        assert text, f"{room}.{name} has no docstring"
        if inspect.isfunction(value):
            for parameter in inspect.signature(value).parameters.values():
                documented = parameter.name in text or parameter.kind is inspect.Parameter.VAR_KEYWORD
                assert documented, f"{room}.{name} does not document `{parameter.name}`"
            returned = str(inspect.signature(value).return_annotation)
            gives = returned != "None" and not returned.startswith("Iterator")  # of a context, nothing comes back
            sections = {"Parameters": bool(inspect.signature(value).parameters), "Returns": gives}
            for section in (section for section, needed in sections.items() if needed):
                assert f"\n{section}\n---" in text, f"{room}.{name} has no section {section}"


def test_private_modules_have_private_names() -> None:
    public = {name for name in MODULES if not any(part.startswith("_") for part in name.split("."))}
    assert public == {f"research.{room}" for room in ROOMS} | {"research.cli", "research.errors"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    module: ModuleType = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module, name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
