"""Groups of documents by a metadata column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research._tables import UNKNOWN
from research.errors import InputError
from research.inference._cells import Arranged, arrange, codes

__all__ = ["Grouping", "grouping_by"]


@dataclass(frozen=True)
class Grouping:
    """One way to put documents in groups: names, sorted, each document's place among them, and what counts in them."""

    name: str
    groups: list[str]
    label: NDArray[np.int64]
    known: NDArray[np.bool_]
    arranged: Arranged


def grouping_by(
    paragraphs: pl.DataFrame, column: str, everything: Arranged, repeats: Literal["once", "printed"]
) -> Grouping | None:
    """Group documents by a metadata column, or give nothing where no document says."""
    paragraphs = paragraphs.with_columns(pl.col(column).cast(pl.String).fill_null(UNKNOWN).replace("", UNKNOWN))
    values = paragraphs.select("document_id", column).unique().sort("document_id", column)
    if values.height != len(everything.documents):
        document = values.filter(pl.col("document_id").is_duplicated()).get_column("document_id")[0]
        raise InputError(
            f"column `{column}` has more than one value in document `{document}`; groups are of documents, "
            "so give a column that is the same in all paragraphs of a document"
        )
    groups = values.get_column(column).unique().sort().to_list()
    if groups == [UNKNOWN]:
        return None
    known = np.array([group != UNKNOWN for group in groups])
    repeated = repeats == "once" and paragraphs.get_column("duplicate_of").null_count() < paragraphs.height
    arranged = arrange(paragraphs, repeats, column) if repeated else everything
    return Grouping(column, groups, codes(values.get_column(column), groups), known, arranged)
