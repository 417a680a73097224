"""How much of the corpus each theme has: the counts and shares of the `themes` table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from research.errors import InputError
from research.inference._cells import arrange
from research.inference._grouping import clusters_by
from research.inference._shares import group_shares, shares_of_documents

__all__ = ["theme_support"]


def theme_support(
    paragraphs: pl.DataFrame,
    themes: Sequence[str],
    *,
    repeats: Literal["once", "printed"] = "once",
    confidence: float = 0.95,
    clusters: str | None = None,
) -> pl.DataFrame:
    """Count the paragraphs and documents that have each theme, and estimate its share.

    Parameters
    ----------
    paragraphs : pl.DataFrame
        The `paragraphs` table.
    themes : sequence of str
        The themes wanted, in the order wanted; one that no paragraph has gets counts of 0.
    repeats : {"once", "printed"}
        As in `estimate_groups`; the counts of paragraphs are of distinct or of printed ones accordingly.
    confidence : float in (0, 1)
    clusters : str, optional
        As in `estimate_groups`.

    Returns
    -------
    pl.DataFrame
        theme, n_paragraphs, n_documents (having it among their themes), share (mean over documents of the share of
        paragraphs whose primary theme it is), share_low, share_high (missing with one document).

    Raises
    ------
    InputError
        If a theme is named twice, or a document is in two clusters.

    Examples
    --------
    >>> import polars as pl
    >>> paragraphs = pl.DataFrame(
    ...     {
    ...         "paragraph_id": ["a:0", "a:1", "b:0"], "document_id": ["a", "a", "b"], "position": [0, 1, 0],
    ...         "n_printed": [1, 1, 1], "duplicate_of": [None, None, None],
    ...         "theme": ["trade", "energy", "trade"], "themes": ["trade;energy", "energy", "trade"],
    ...     },
    ...     schema_overrides={"duplicate_of": pl.String},
    ... )
    >>> theme_support(paragraphs, ["energy", "trade"]).select("n_paragraphs", "n_documents", "share").rows()
    [(2, 1, 0.25), (2, 2, 0.75)]
    """
    wanted = list(themes)
    if len(set(wanted)) < len(wanted):
        raise InputError("themes names a theme twice; name each once")
    arranged = arrange(paragraphs, repeats)
    having = (
        paragraphs[arranged.order]
        .select("document_id", pl.Series("weight", arranged.weight), pl.col("themes").str.split(";").alias("theme"))
        .explode("theme")
        .drop_nulls("theme")
        .group_by("theme")
        .agg(
            pl.col("weight").sum().cast(pl.Int64).alias("n_paragraphs"),
            pl.col("document_id").n_unique().cast(pl.Int64).alias("n_documents"),
        )
    )
    shares, n_paragraphs = shares_of_documents(arranged)
    # A column of zeros for the themes that are nobody's primary theme.
    place = {theme: column for column, theme in enumerate(arranged.themes)}
    columns = [place.get(theme, len(place)) for theme in wanted]
    padded = np.concatenate([shares, np.where(n_paragraphs > 0, 0.0, np.nan)[:, None]], axis=1)[:, columns]
    label = np.zeros(len(n_paragraphs), dtype=np.int64)
    joined = clusters_by(paragraphs, clusters, len(n_paragraphs))
    found, _, low, high = group_shares(padded, n_paragraphs, label, 1, confidence, joined)
    table = pl.DataFrame(
        {"theme": wanted, "share": found.mean[0], "share_low": low[0], "share_high": high[0]},
        schema={"theme": pl.String, "share": pl.Float64, "share_low": pl.Float64, "share_high": pl.Float64},
    )
    return (
        table.with_columns(pl.col("share", "share_low", "share_high").fill_nan(None))
        .join(having, on="theme", how="left", maintain_order="left")
        .with_columns(pl.col("n_paragraphs", "n_documents").fill_null(0))
        .select("theme", "n_paragraphs", "n_documents", "share", "share_low", "share_high")
    )
