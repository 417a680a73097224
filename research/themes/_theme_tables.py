"""The tables of a theme model: their columns, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["table"]

_COLUMNS = {
    "paragraphs": {
        "theme": "text",
        "theme_source": "text",
        "themes": "text",
        "theme_probability": "number",
        "theme_stability": "number",
        "outlier": "flag",
        "evidence": "text",
    },
    "themes": {
        "theme": "text",
        "source": "text",
        "label": "text",
        "recovery": "number",
        "supported": "flag",
        "parent": "text",
        "representatives": "rows",
    },
    "keywords": {"theme": "text", "rank": "count", "keyword": "text", "weight": "number"},
    "hierarchy": {"level": "text", "name": "text", "label": "text", "parent": "text", "n_paragraphs": "count"},
    "label_gain": {
        "measure": "text",
        "without": "number",
        "with_labels": "number",
        "difference": "number",
        "low": "number",
        "high": "number",
        "n_paragraphs": "count",
        "n_documents": "count",
    },
}


def table(name: str, rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Make one of the tables from its rows."""
    import polars as pl

    kinds: dict[str, Any] = {
        "text": pl.String,
        "number": pl.Float64,
        "flag": pl.Boolean,
        "count": pl.Int64,
        "rows": pl.List(pl.Int64),
    }
    schema = {column: kinds[kind] for column, kind in _COLUMNS[name].items()}
    known = [[None if isinstance(value, float) and isnan(value) else value for value in row] for row in rows]
    return pl.DataFrame(known, schema=schema, orient="row")
