"""Groups of documents by a metadata column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research._tables import UNKNOWN
from research.errors import InputError
from research.inference._cells import Arranged, codes

__all__ = ["Grouping", "grouping_by"]


@dataclass(frozen=True)
class Grouping:
    """One way to put documents in groups: names, sorted, and each document's place among them."""

    name: str
    groups: list[str]
    label: NDArray[np.int64]
    known: NDArray[np.bool_]


def grouping_by(paragraphs: pl.DataFrame, column: str, arranged: Arranged) -> Grouping | None:
    """Group documents by a metadata column, or give nothing where no document says."""
    values = (
        paragraphs.select("document_id", pl.col(column).cast(pl.String).fill_null(UNKNOWN).replace("", UNKNOWN))
        .unique()
        .sort("document_id", column)
    )
    if values.height != len(arranged.documents):
        document = values.filter(pl.col("document_id").is_duplicated()).get_column("document_id")[0]
        raise InputError(
            f"column `{column}` has more than one value in document `{document}`; groups are of documents, "
            "so give a column that is the same in all paragraphs of a document"
        )
    groups = values.get_column(column).unique().sort().to_list()
    if groups == [UNKNOWN]:
        return None
    known = np.array([group != UNKNOWN for group in groups])
    return Grouping(column, groups, codes(values.get_column(column), groups), known)
