"""Whatever stands in a configuration: a study, or a ConfigError that names the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.errors import ConfigError
from research.study import flatten, load_study, study_model

quick = settings(
    max_examples=80, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALID: dict[str, Any] = {
    "name": "small",
    "seed": 1,
    "corpus": {"files": "texts/*.txt", "metadata": None, "rows": "documents"},
    "embedding": {"model": "all-MiniLM-L6-v2"},
    "themes": {"codebook": None, "threshold": 0.4, "discovery": "auto"},
    "framing": {"axis": "celebratory"},
    "axes": ["alarm"],
    "stance": {"targets": {"india": {"aliases": ["India"], "implied_by": [["us"]]}, "us": {"aliases": ["US"]}}},
    "inference": {"confidence": 0.9, "columns": ["outlet"], "clusters": "date"},
    "figures": ["article_lines"],
}


def _keys() -> list[str]:
    values = study_model().model_validate({**VALID, "stance": None}).model_dump(mode="json")
    return sorted({*flatten(values), *flatten(VALID), *values, "extends", "stance.targets", "corpus", "nothing"})


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=4),
    st.sampled_from(
        ["", " ", "~", "/", ".", "..", "*", "[", "\0", "a" * 5000, "x.yaml", "study.yaml", "é", "~nobody/x"]
    ),
)
_KEYS = st.one_of(st.text(max_size=6), st.sampled_from(["name", "files", "aliases", "axis", "india", "0", "a.b", ""]))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=8,
)


def _put(tree: dict[str, Any], key: str, value: Any) -> None:
    *above, last = key.split(".")
    place = tree
    for part in above:
        if not isinstance(place.get(part), dict):
            place[part] = {}
        place = place[part]
    place[last] = value


def _copy(tree: Any) -> Any:
    return {key: _copy(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


@quick
@given(changes=st.lists(st.tuples(st.sampled_from(_keys()) | _KEYS, _VALUES), min_size=1, max_size=3))
def test_any_values_are_taken_or_refused(changes: list[tuple[str, Any]], tmp_path: Path) -> None:
    tree = _copy(VALID)
    for key, value in changes:
        _put(tree, key, value)
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=False), encoding="utf-8")
    try:
        loaded = load_study(path)
    except ConfigError as error:
        assert "study.yaml" in str(error)
    else:
        assert loaded.values.name


@quick
@given(pair=st.text(max_size=30) | st.builds("{}={}".format, st.sampled_from(_keys()) | _KEYS, st.text(max_size=12)))
def test_any_override_is_taken_or_refused(pair: str, tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(VALID), encoding="utf-8")
    try:
        load_study(path, [pair])
    except ConfigError as error:
        assert "--set" in str(error) or "study.yaml" in str(error)


_MARKS = [*"{}[]|>'\"#%@`=\t\0\n\u2028é", ": ", "- ", "  ", "&a ", "*a", "? ", "<<: ", "---\n", "...\n"]
_TAGS = ["!!int ", "!!set ", "!!binary ", "!!timestamp ", "!!bool "]
_WORDS = ["name", "corpus", "0x", "1e999", ".nan", "2025-13-45", "12:30:45"]
_YAML_BITS = st.sampled_from([*_MARKS, *_TAGS, *_WORDS])


@quick
@given(text=st.lists(_YAML_BITS, max_size=14).map("".join))
def test_any_yaml_is_taken_or_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_study(path)
    except ConfigError as error:
        assert "study.yaml" in str(error)
