from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from research.inference import estimate_groups, theme_support


def test_support_agrees_with_estimates(make_paragraphs: Callable[..., pl.DataFrame]) -> None:
    paragraphs = make_paragraphs({"a": 6, "b": 9, "c": 4})
    support = theme_support(paragraphs, ["trade", "nobody's", "energy"])
    shares = estimate_groups(paragraphs).filter(quantity="theme_share", group_by="all")
    for theme, n_paragraphs, n_documents, *numbers in support.rows():
        if theme == "nobody's":
            assert (n_paragraphs, n_documents, numbers[0], numbers[1]) == (0, 0, 0.0, 0.0)
            assert 0 < numbers[2] < 1
            continue
        assert numbers == pytest.approx(shares.filter(theme=theme).select("estimate", "low", "high").row(0))
        assert n_paragraphs == (paragraphs["theme"] == theme).sum()


def test_one_document_has_no_interval(make_paragraphs: Callable[..., pl.DataFrame]) -> None:
    support = theme_support(make_paragraphs({"a": 6}), ["trade"])
    assert support.row(0)[4:] == (None, None)


def test_no_themes(make_paragraphs: Callable[..., pl.DataFrame]) -> None:
    assert theme_support(make_paragraphs({"a": 6}), []).height == 0
