"""Theme shares: of each document, of groups of documents, and as rows of the `estimates` table."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.inference._cells import Arranged
from research.inference._clusters import Clusters
from research.inference._comparisons import comparison_rows
from research.inference._grouping import Grouping
from research.inference._intervals import share_interval
from research.inference._notes import robust, share_note
from research.inference._rows import choose, clusters_of, rows_of
from research.inference._settings import COUNTED, Settings
from research.inference._summaries import Moments, moments

__all__ = ["group_shares", "share_rows", "shares_of_documents"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def shares_of_documents(arranged: Arranged) -> tuple[Floats, Integers]:
    """Give each document's shares of primary themes, (n_documents, n_themes), and its number of paragraphs."""
    n_documents, n_themes = len(arranged.documents), len(arranged.themes)
    total = np.bincount(arranged.document, weights=arranged.weight, minlength=n_documents)
    has = arranged.theme >= 0
    cell = arranged.document[has] * n_themes + arranged.theme[has]
    counts = np.bincount(cell, weights=arranged.weight[has], minlength=n_documents * n_themes)
    with np.errstate(invalid="ignore"):
        shares = counts.reshape(n_documents, n_themes) / total[:, None]
    return shares, np.rint(total).astype(np.int64)


def group_shares(
    shares: Floats,
    n_paragraphs: Integers,
    label: Integers,
    n_groups: int,
    confidence: float,
    clusters: Clusters | None = None,
) -> tuple[Moments, Integers, Floats, Floats]:
    """Give moments and paragraphs (n_groups,) of groups, and the intervals of mean shares (n_groups, n_themes)."""
    label = np.where(n_paragraphs > 0, label, -1)
    found = moments(shares, label, n_groups, None if clusters is None else clusters.codes)
    inside = label >= 0
    counted = np.bincount(label[inside], weights=n_paragraphs[inside], minlength=n_groups)
    inverse = np.bincount(label[inside], weights=1 / n_paragraphs[inside], minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = found.n**2 / inverse
        if clusters is not None:
            # If all documents had the same share in truth, those of a cluster would still be alike: as one of them.
            size = np.zeros((n_groups, int(clusters.codes.max()) + 1))
            np.add.at(size, (label[inside], clusters.codes[inside]), 1)
            most *= found.n / (size**2).sum(axis=1)
    low, high = share_interval(
        found.mean, found.sampling, found.freedom, found.n_clusters[:, None], most[:, None], confidence=confidence
    )
    return found, np.rint(counted).astype(np.int64), low, high


def share_rows(arranged: Arranged, groupings: list[Grouping], settings: Settings) -> list[pl.DataFrame]:
    """Build the rows of theme shares: all, document, and the metadata columns, each with every theme."""
    n_themes, n_documents = len(arranged.themes), len(arranged.documents)
    if not n_themes:
        return []
    counted = COUNTED[settings.repeats]
    themes = pl.Series(arranged.themes, dtype=pl.String)
    fixed: dict[str, Any] = {"quantity": "theme_share", "target": None}
    method = f"mean over documents of the share of paragraphs with this primary theme, {counted}"

    def group_rows(grouping: Grouping, shares: Floats, n_paragraphs: Integers) -> pl.DataFrame:
        size = len(grouping.groups)
        found, total, low, high = group_shares(
            shares, n_paragraphs, grouping.label, size, settings.confidence, settings.clusters
        )
        n = found.n
        notes = [
            share_note(int(count), bool(known), int(several), settings.clusters)
            for count, several, known in zip(n, found.n_clusters, grouping.known, strict=True)
        ]
        which = np.repeat(np.arange(size), n_themes)
        return rows_of(
            **fixed, theme=themes.gather(np.tile(np.arange(n_themes), size)), group_by=grouping.name,
            group=pl.Series(grouping.groups, dtype=pl.String).gather(which), n_documents=n[which],
            n_clusters=clusters_of(settings, found.n_clusters[which]), n_paragraphs=total[which],
            estimate=found.mean.ravel(), low=low.ravel(), high=high.ravel(), note=[notes[group] for group in which],
            method=f"{method}; Korn-Graubard interval{robust(settings.clusters)}",
            uncertainty_sources=choose(found.n_clusters[which] > 1, "documents", "none"),
        )  # fmt: skip

    shares, n_paragraphs = shares_of_documents(arranged)
    which = np.repeat(np.arange(n_documents), n_themes)
    filled = n_paragraphs[which] > 0
    parts = [
        group_rows(groupings[0], shares, n_paragraphs),
        rows_of(
            **fixed, theme=themes.gather(np.tile(np.arange(n_themes), n_documents)), group_by="document",
            group=pl.Series(arranged.documents, dtype=pl.String).gather(which), n_documents=filled.astype(np.int64),
            n_paragraphs=n_paragraphs[which], estimate=shares.ravel(), low=None, high=None,
            method=f"share of the document's paragraphs with this primary theme, {counted}", uncertainty_sources="none",
            note=choose(filled, "a count in one document: no interval is possible", "no paragraph to count"),
        ),
    ]  # fmt: skip
    for grouping in groupings[1:]:
        shares, n_paragraphs = shares_of_documents(grouping.arranged)
        counted_documents = np.flatnonzero(n_paragraphs > 0)
        parts.append(group_rows(grouping, shares, n_paragraphs))
        if grouping.known.sum() < 2:
            continue
        place = np.where(grouping.known, np.cumsum(grouping.known) - 1, -1)[grouping.label[counted_documents]]
        parts.append(
            comparison_rows(
                shares[counted_documents], place, grouping, settings, fixed, shared=0.0, n_draws=0, measurement=None,
                n_paragraphs=n_paragraphs[counted_documents], bound=1.0, themes=arranged.themes,
                documents=counted_documents,
            )
        )  # fmt: skip
    return parts
