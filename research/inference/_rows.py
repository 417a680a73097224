"""Rows of the `estimates` table from arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research._tables import estimates_schema
from research.inference._settings import Settings

__all__ = ["FLOOR", "SMALLEST", "choose", "clusters_of", "rows_of"]

# Beside the schema while a table is put together: the smallest p that the documents allow, and the arrangements drawn.
SMALLEST, FLOOR = "_smallest", "_floor"


def rows_of(**given: Any) -> pl.DataFrame:
    """Put together rows of the schema from arrays, and scalars that hold for all of them."""
    height = len(given["group"])
    columns = []
    for name, dtype in {**estimates_schema(), SMALLEST: pl.Float64(), FLOOR: pl.Float64()}.items():
        value = given.get(name)
        if value is None or isinstance(value, str):
            columns.append(pl.repeat(value, height, dtype=dtype, eager=True).alias(name))
        elif dtype == pl.Float64():
            columns.append(pl.Series(name, np.asarray(value), dtype=dtype).fill_nan(None))
        else:
            columns.append(pl.Series(name, value, dtype=dtype))
    return pl.DataFrame(columns)


def choose(condition: NDArray[np.bool_], yes: str | None, no: str | None) -> pl.Series:
    """Choose between two texts row by row."""
    texts = pl.Series([no, yes], dtype=pl.String)
    return texts.gather(condition.astype(np.int64))


def clusters_of(settings: Settings, n_clusters: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Give the numbers of clusters for the table, nothing where no clusters were named."""
    return None if settings.clusters is None else n_clusters
