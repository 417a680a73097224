"""Parameters are held against the constructor's annotations, and refused in one sentence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
import pytest
from annotated_types import Ge, Gt, Le, Lt

from research import estimate_groups
from research._validate import check_values
from research.errors import InputError
from research.framing import FramingAxis, LabelledAxis
from research.stance import StanceScorer
from research.themes import ThemeModel


def made(
    n: Annotated[int, Ge(1)] = 1,
    few: Annotated[int, Ge(2)] | None = None,
    share: Annotated[float, Gt(0), Lt(1)] = 0.5,
    rate: Annotated[float, Gt(0), Le(9)] = 1.0,
    how: Literal["once", "printed", "never"] = "once",
    only: Literal["this"] = "this",
    switch: bool = True,
    language: str = "en",
    anything: Any = None,
    either: int | list[str] = 0,
) -> None:
    """Have a parameter of every kind."""


@pytest.mark.parametrize(
    "values",
    [
        {"n": 1, "share": 0.5, "rate": 9, "how": "never", "only": "this", "switch": False, "language": "de"},
        {"few": None, "n": np.int64(3), "share": np.float32(0.5), "switch": np.bool_(True)},
        {"few": 2, "rate": np.float64(9.0)},
        {"anything": object(), "either": "neither", "unknown": 7},
    ],
)
def test_what_the_annotations_allow_passes(values: dict[str, Any]) -> None:
    check_values(made, values)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n", 0, "`n` is 0; it must be a whole number of at least 1"),
        ("n", 2.0, "`n` is 2.0; it must be a whole number of at least 1"),
        ("n", True, "`n` is True; it must be a whole number of at least 1"),
        ("n", "3", "`n` is '3'; it must be a whole number of at least 1"),
        ("n", None, "`n` is None; it must be a whole number of at least 1"),
        ("n", np.int64(0), "it must be a whole number of at least 1"),
        ("few", 1, "`few` is 1; it must be a whole number of at least 2, or None"),
        ("share", 0, "`share` is 0; it must be a number above 0 and below 1"),
        ("share", 1.0, "`share` is 1.0; it must be a number above 0 and below 1"),
        ("share", float("nan"), "`share` is nan; it must be a number above 0 and below 1"),
        ("share", False, "it must be a number above 0 and below 1"),
        ("rate", 9.1, "`rate` is 9.1; it must be a number above 0 and of at most 9"),
        ("rate", float("inf"), "`rate` is inf"),
        ("how", "twice", """`how` is 'twice'; it must be "once", "printed" or "never\""""),
        ("how", ["once"], "`how` is ['once']"),
        ("only", "that", """`only` is 'that'; it must be "this\""""),
        ("switch", 1, "`switch` is 1; it must be True or False"),
        ("language", None, "`language` is None; it must be a text"),
    ],
)
def test_what_they_do_not_allow_is_named_with_what_they_do(name: str, value: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        check_values(made, {"n": 1, name: value})
    assert said in str(refused.value)


def test_types_that_only_a_type_checker_knows_are_not_held_against_it() -> None:
    def odd(n: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    check_values(odd, {"n": 0})


@pytest.mark.parametrize(
    ("refuses", "name"),
    [
        (lambda: FramingAxis(n_bootstrap=0).fit(np.eye(3), [-1, 0, 1]), "n_bootstrap"),
        (lambda: FramingAxis(random_state=-1).fit(np.eye(3), [-1, 0, 1]), "random_state"),
        (lambda: FramingAxis.from_anchors("celebratory", None, dilute="no"), "dilute"),
        (lambda: LabelledAxis(FramingAxis(), n_bootstrap=0.5).fit(np.eye(2), [0, 1]), "n_bootstrap"),
        (lambda: StanceScorer(n_bootstrap=None).fit(np.eye(3), [-1, 0, 1]), "n_bootstrap"),
        (lambda: StanceScorer(shipped_labels=2).fit(np.eye(3), [-1, 0, 1]), "shipped_labels"),
        (lambda: ThemeModel(discovery="kmeans").fit(np.eye(3)), "discovery"),
        (lambda: ThemeModel(language=1).fit(np.eye(3)), "language"),
        (lambda: estimate_groups(paragraphs(), confidence=float("nan")), "confidence"),
        (lambda: estimate_groups(paragraphs(), repeats="twice"), "repeats"),
        (lambda: estimate_groups(paragraphs(), n_resamples=True), "n_resamples"),
    ],
)
def test_estimators_refuse_theirs_before_any_work(refuses: Any, name: str) -> None:
    with pytest.raises(InputError, match=f"^`{name}` is .*; it must be "):
        refuses()


def paragraphs() -> pl.DataFrame:
    from tests.figures.synthetic import study

    return study()["paragraphs"]
