"""Framing and stance as rows of the `estimates` table: of all documents, each document, themes and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.inference._cells import Arranged, Cells, GroupDraws, reduce_scores
from research.inference._comparisons import comparison_rows, theme_comparisons
from research.inference._grouping import Grouping
from research.inference._intervals import p_of_mean
from research.inference._notes import MEASUREMENT, group_note, in_words, joined, no_draws, robust, sources_of
from research.inference._rows import choose, clusters_of, rows_of
from research.inference._settings import COUNTED, Settings
from research.inference._summaries import Summary, drawn_difference, summarise

__all__ = ["NEUTRAL", "score_rows"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# What the mean stance of all documents is held against: 0.
NEUTRAL = "neutral"
# Of fewer documents the interval is too narrow too often (table in `_intervals`).
_FEWEST = 5


@dataclass(frozen=True)
class _Score:
    """A score that each paragraph has or lacks, and what is the same in all of its rows."""

    values: Floats
    draws: NDArray[np.floating] | None
    settings: Settings
    fixed: dict[str, Any]

    @property
    def n_draws(self) -> int:
        return 0 if self.draws is None else len(self.draws)

    @property
    def measurement(self) -> str | None:
        return MEASUREMENT[self.fixed["quantity"]] if self.n_draws else None

    @property
    def draws_name(self) -> str:
        target = self.fixed["target"]
        return "framing_draws" if target is None else f"{self.fixed['quantity']}_draws of `{target}`"

    @property
    def group_method(self) -> str:
        said = f"mean over documents of document means, {COUNTED[self.settings.repeats]}; t interval over documents"
        said += robust(self.settings.clusters)
        if self.measurement:
            said += f", with the error from {in_words(self.measurement)} that documents share"
        return said

    def reduced(self, arranged: Arranged, groupings: list[Grouping]) -> tuple[Cells, Cells, Cells, GroupDraws]:
        """Give the cells of documents, themes and contrasts, and the draws of their sums; documents' by groupings."""
        offsets = np.concatenate(([0], np.cumsum([len(grouping.groups) for grouping in groupings])))
        membership = [grouping.label + offset for grouping, offset in zip(groupings, offsets[:-1], strict=True)]
        return reduce_scores(
            arranged, self.values, self.draws, np.stack(membership, axis=1), what=self.draws_name,
            confidence=self.settings.confidence,
        )  # fmt: skip


def score_rows(
    scores: pl.Series,
    arranged: Arranged,
    groupings: list[Grouping],
    settings: Settings,
    quantity: str,
    target: str | None,
    draws: NDArray[np.floating] | None,
) -> list[pl.DataFrame]:
    """Build the rows of one score, such as framing or the stance toward a target; the first grouping is of all."""
    values = scores.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    score = _Score(values, draws, settings, {"quantity": quantity, "target": target})
    everything = groupings[0]
    # Groups in which no more counts than in all are summed up with it.
    alike = [grouping for grouping in groupings if grouping.arranged is arranged]
    documents, cells, contrasts, sums = score.reduced(arranged, alike)
    label = everything.label[documents.document]
    clusters, confidence = settings.clusters, settings.confidence
    found = summarise(documents, label, 1, sums.documents[:, :1], bound=1.0, confidence=confidence, clusters=clusters)
    parts = [_group_rows(score, everything, found)]
    if quantity == "stance":
        parts.append(_neutral_row(score, found))
    parts.append(_document_rows(score, arranged, documents))
    if arranged.themes:
        themes = pl.Series(arranged.themes, dtype=pl.String)
        n = len(themes)
        by_theme = Grouping("theme", arranged.themes, np.arange(n), np.ones(n, dtype=bool), arranged)
        found = summarise(cells, cells.theme, n, sums.themes, bound=1.0, confidence=confidence, clusters=clusters)
        parts += [
            _group_rows(score, by_theme, found, theme=themes),
            theme_comparisons(contrasts, sums.contrasts, arranged, values, settings, score.fixed, score.measurement),
            _theme_document_rows(score, arranged, cells),
        ]
    first = 1
    for grouping in groupings[1:]:
        size = len(grouping.groups)
        if grouping.arranged is arranged:
            parts += _grouping_rows(score, grouping, documents, sums.documents[:, first : first + size])
            first += size
        else:
            own, _, _, own_sums = score.reduced(grouping.arranged, [grouping])
            parts += _grouping_rows(score, grouping, own, own_sums.documents)
    return parts


def _grouping_rows(score: _Score, grouping: Grouping, documents: Cells, drawn: Floats) -> list[pl.DataFrame]:
    """Build the rows of a metadata column's groups, each alone and against the rest."""
    settings, size = score.settings, len(grouping.groups)
    label = grouping.label[documents.document]
    found = summarise(
        documents, label, size, drawn, bound=1.0, confidence=settings.confidence, clusters=settings.clusters
    )
    parts = [_group_rows(score, grouping, found)]
    known = np.flatnonzero(grouping.known)
    if len(known) > 1:
        place = np.where(grouping.known, np.cumsum(grouping.known) - 1, -1)[label]
        shared = drawn_difference(drawn[:, known], documents, place, len(known))
        parts.append(
            comparison_rows(
                documents.mean[:, None], place, grouping, settings, score.fixed, shared=shared, n_draws=score.n_draws,
                measurement=score.measurement, n_paragraphs=documents.n_paragraphs, bound=2.0, themes=None,
                documents=documents.document,
            )
        )  # fmt: skip
    return parts


def _group_rows(score: _Score, grouping: Grouping, found: Summary, **more: Any) -> pl.DataFrame:
    missing = None if score.n_draws else no_draws(score.fixed["quantity"])
    notes = [
        joined(
            group_note(found, group, score.measurement, bool(known), score.settings.clusters),
            missing if found.n_clusters[group] > 1 and not found.alike[group] else None,
        )
        for group, known in enumerate(grouping.known)
    ]
    return rows_of(
        **score.fixed, **more, group_by=grouping.name, group=grouping.groups, n_documents=found.n,
        n_clusters=clusters_of(score.settings, found.n_clusters),
        n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
        method=score.group_method, uncertainty_sources=sources_of(found, score.measurement), note=notes,
    )  # fmt: skip


def _neutral_row(score: _Score, found: Summary) -> pl.DataFrame:
    """Build the row that holds the mean of all documents against 0."""
    clusters = score.settings.clusters
    p = p_of_mean(found.mean, found.sampling, found.freedom, shared=found.shared, n_draws=score.n_draws)
    n, alike = int(found.n_clusters[0]), bool(found.alike[0])
    units = "documents" if clusters is None else f"clusters by {clusters.name}"
    note = joined(
        None if n >= _FEWEST else f"{n} of {_FEWEST} {units}: too few to test a mean against 0",
        group_note(found, 0, score.measurement, True, clusters),
    )
    return rows_of(
        **score.fixed, group_by="all", group=["all"], reference=NEUTRAL, n_documents=found.n,
        n_clusters=clusters_of(score.settings, found.n_clusters),
        n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
        p=np.where(alike or n < _FEWEST, np.nan, p),
        method=f"{score.group_method}; two-sided t test of the mean against 0",
        uncertainty_sources=sources_of(found, score.measurement), note=[note],
    )  # fmt: skip


def _document_rows(score: _Score, arranged: Arranged, documents: Cells) -> pl.DataFrame:
    size = len(arranged.documents)
    n_paragraphs = np.zeros(size, dtype=np.int64)
    n_paragraphs[documents.document] = documents.n_paragraphs
    filled = np.full((3, size), np.nan)
    filled[:, documents.document] = documents.mean, documents.low, documents.high
    names = pl.Series(arranged.documents, dtype=pl.String)
    return _cell_rows(score, "document", names, None, n_paragraphs, filled)


def _theme_document_rows(score: _Score, arranged: Arranged, cells: Cells) -> pl.DataFrame:
    # Sorted by theme, then document, as the group's name is.
    order = np.lexsort((cells.document, cells.theme))
    theme = pl.Series(arranged.themes, dtype=pl.String).gather(cells.theme[order])
    document = pl.Series(arranged.documents, dtype=pl.String).gather(cells.document[order])
    values = np.stack([cells.mean[order], cells.low[order], cells.high[order]])
    return _cell_rows(
        score, "theme_document", theme + " | " + document, theme, cells.n_paragraphs[order], values
    )  # fmt: skip


def _cell_rows(
    score: _Score, group_by: str, group: pl.Series, theme: pl.Series | None, n: Integers, values: Floats
) -> pl.DataFrame:
    """Build rows of single documents, or of a theme's paragraphs in one; values are mean, low and high."""
    measurement = score.measurement
    method = f"mean over the document's paragraphs, {COUNTED[score.settings.repeats]}"
    if measurement:
        method += f"; percentiles of draws over {in_words(measurement)}"
    empty = "no paragraph has a value to estimate from"
    missing = None if measurement else "one document, and no measurement draws: no interval is possible"
    return rows_of(
        **score.fixed, theme=theme, group_by=group_by, group=group, n_documents=(n > 0).astype(np.int64),
        n_paragraphs=n, estimate=values[0], low=values[1], high=values[2], method=method,
        uncertainty_sources=choose(n > 0, measurement or "none", "none"), note=choose(n > 0, missing, empty),
    )  # fmt: skip
