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
from research.inference._clusters import Clusters

__all__ = ["Grouping", "clusters_by", "grouping_by"]


@dataclass(frozen=True)
class Grouping:
    """One way to put documents in groups: names, sorted, each document's place among them, and what counts in them."""

    name: str
    groups: list[str]
    label: NDArray[np.int64]
    known: NDArray[np.bool_]
    arranged: Arranged


def values_by_document(paragraphs: pl.DataFrame, column: str, n_documents: int) -> pl.Series:
    """Give what a metadata column says of each document, `unknown` where nothing, in the order of their names.

    Raises
    ------
    InputError
        If there is no such column, or a document has two values.
    """
    if column not in paragraphs.columns:
        raise InputError(f"the paragraphs have no column `{column}`; they have {', '.join(paragraphs.columns)}")
    values = paragraphs.select(pl.col("document_id").alias("document"), _said(column).alias("value")).unique()
    values = values.sort("document", "value")
    if values.height != n_documents:
        document = values.filter(pl.col("document").is_duplicated()).get_column("document")[0]
        raise InputError(
            f"column `{column}` has more than one value in document `{document}`; groups and clusters are of "
            "documents, so give a column that is the same in all paragraphs of a document"
        )
    return values.get_column("value")


def _said(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null(UNKNOWN).replace("", UNKNOWN)


def grouping_by(
    paragraphs: pl.DataFrame, column: str, everything: Arranged, repeats: Literal["once", "printed"]
) -> Grouping | None:
    """Group documents by a metadata column, or give nothing where no document says."""
    values = values_by_document(paragraphs, column, len(everything.documents))
    groups = values.unique().sort().to_list()
    if groups == [UNKNOWN]:
        return None
    known = np.array([group != UNKNOWN for group in groups])
    repeated = repeats == "once" and paragraphs.get_column("duplicate_of").null_count() < paragraphs.height
    if repeated:
        paragraphs = paragraphs.with_columns(_said(column))
    arranged = arrange(paragraphs, repeats, column) if repeated else everything
    return Grouping(column, groups, codes(values, groups), known, arranged)


def clusters_by(paragraphs: pl.DataFrame, column: str | None, n_documents: int) -> Clusters | None:
    """Put documents that depend on one another in clusters; one that does not say is a cluster of its own."""
    if column is None:
        return None
    values = values_by_document(paragraphs, column, n_documents)
    known = values.filter(values != UNKNOWN).unique().sort().to_list()
    found = codes(values, known)
    alone = np.flatnonzero(found < 0)
    found[alone] = len(known) + np.arange(len(alone))
    return Clusters(column, found)
