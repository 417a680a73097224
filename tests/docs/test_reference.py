"""The site's tables of configuration keys say of every key what it means, and what it may be."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from research.study import json_schema
from tests.docs.pages import REPOSITORY

SCHEMA = json_schema()


def keys() -> Iterator[tuple[str, dict[str, Any]]]:
    for section, model in {**SCHEMA["$defs"], "": SCHEMA}.items():
        for key, value in model["properties"].items():
            yield f"{section}.{key}".lstrip("._").lower(), value


def test_every_key_is_described() -> None:
    found = dict(keys())
    assert {"inference.confidence", "corpus.files", "target.aliases", "seed"} <= found.keys()
    sections = {f"#/$defs/{name}": model for name, model in SCHEMA["$defs"].items()}  # described where they stand
    about = {key: sections.get(value.get("$ref"), value) for key, value in found.items()}
    assert [key for key, value in about.items() if not value.get("description")] == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("themes.discovery", "`auto`, `hdbscan`, `none`"),
        ("themes.n_themes", "a whole number from 2 or `null`"),
        ("themes.threshold", "a number above 0 and below 1 or `null`"),
        ("inference.confidence", "a number above 0 and below 1"),
        ("stance.neutral_rate", "a number above 0 up to 1,000"),
        ("seed", "a whole number from 0 up to 4,294,967,295"),
        ("crossencoder.positive", "2 or more"),
        ("framing.style", ""),
        ("title", ""),
    ],
)
def test_what_it_may_be_is_said_where_its_kind_alone_does_not(key: str, said: str) -> None:
    spec = importlib.util.spec_from_file_location("reference", REPOSITORY / "docs/_reference.py")
    assert spec is not None and spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    assert reference.allowed_values(dict(keys())[key]) == said
    assert reference.allowed_values(dict(keys())["figures"]).startswith("any of `theme_map`, ")
