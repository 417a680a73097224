"""Framing and stance as rows of the `estimates` table: of all documents, each document, themes and groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.inference._cells import Arranged, Cells, reduce_scores
from research.inference._comparisons import comparison_rows, theme_comparisons
from research.inference._grouping import Grouping
from research.inference._notes import MEASUREMENT, group_note, in_words, sources_of
from research.inference._rows import choose, rows_of
from research.inference._settings import COUNTED, Settings
from research.inference._summaries import drawn_difference, summarise

__all__ = ["score_rows"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def score_rows(
    scores: pl.Series,
    arranged: Arranged,
    groupings: list[Grouping],
    settings: Settings,
    quantity: str,
    target: str | None,
    draws: NDArray[np.floating] | None,
) -> list[pl.DataFrame]:
    """Build the rows of a score that each paragraph has or lacks: of framing, or of stance toward one target."""
    values = scores.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    offsets = np.concatenate(([0], np.cumsum([len(grouping.groups) for grouping in groupings])))
    membership = np.stack(
        [grouping.label + offset for grouping, offset in zip(groupings, offsets[:-1], strict=True)], axis=1
    )
    what = "framing_draws" if target is None else f"stance_draws of `{target}`"
    documents, cells, contrasts, sums = reduce_scores(
        arranged, values, draws, membership, what=what, confidence=settings.confidence
    )
    n_themes, n_draws = len(arranged.themes), 0 if draws is None else len(draws)
    counted = COUNTED[settings.repeats]
    fixed: dict[str, Any] = {"quantity": quantity, "target": target}
    measurement = MEASUREMENT[quantity] if n_draws else None
    group_method = (
        f"mean over documents of document means, {counted}; t interval over documents"
        + (f", with the error from {in_words(measurement)} that documents share" if measurement else "")
    )  # fmt: skip
    cell_method = f"mean over the document's paragraphs, {counted}" + (
        f"; percentiles of draws over {in_words(measurement)}" if measurement else ""
    )

    def group_rows(grouping: Grouping, label: Integers, of: Cells, drawn: Floats, **more: Any) -> pl.DataFrame:
        found = summarise(of, label, len(grouping.groups), drawn, bound=1.0, confidence=settings.confidence)
        notes = [
            group_note(int(n), measurement, bool(known), bool(alike))
            for n, known, alike in zip(found.n, grouping.known, found.alike, strict=True)
        ]
        return rows_of(
            **fixed, **more, group_by=grouping.name, group=grouping.groups, n_documents=found.n,
            n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
            method=group_method, uncertainty_sources=sources_of(found, measurement), note=notes,
        )  # fmt: skip

    def documents_rows() -> pl.DataFrame:
        size = len(arranged.documents)
        n_paragraphs = np.zeros(size, dtype=np.int64)
        n_paragraphs[documents.document] = documents.n_paragraphs
        filled = np.full((3, size), np.nan)
        filled[:, documents.document] = documents.mean, documents.low, documents.high
        return cell_rows(
            "document", pl.Series(arranged.documents, dtype=pl.String), None, n_paragraphs, filled[0], filled[1],
            filled[2],
        )  # fmt: skip

    def cell_rows(
        group_by: str, group: pl.Series, theme: pl.Series | None, n: Integers, mean: Floats, low: Floats, high: Floats
    ) -> pl.DataFrame:
        empty = "no paragraph has a value to estimate from"
        missing = None if measurement else "one document, and no measurement draws: no interval is possible"
        return rows_of(
            **fixed, theme=theme, group_by=group_by, group=group, n_documents=(n > 0).astype(np.int64), n_paragraphs=n,
            estimate=mean, low=low, high=high, method=cell_method,
            uncertainty_sources=choose(n > 0, measurement or "none", "none"),
            note=choose(n > 0, missing, empty),
        )  # fmt: skip

    everything = groupings[0]
    label = everything.label[documents.document]
    parts = [group_rows(everything, label, documents, sums.documents[:, :1]), documents_rows()]
    if n_themes:
        themes = pl.Series(arranged.themes, dtype=pl.String)
        by_theme = Grouping("theme", arranged.themes, np.arange(n_themes), np.ones(n_themes, dtype=bool))
        parts += [
            group_rows(by_theme, cells.theme, cells, sums.themes, theme=themes),
            theme_comparisons(contrasts, sums.contrasts, arranged, settings, fixed, measurement),
        ]
        # Sorted by theme, then document, as the group's name is.
        by_name = np.lexsort((cells.document, cells.theme))
        theme = themes.gather(cells.theme[by_name])
        document = pl.Series(arranged.documents, dtype=pl.String).gather(cells.document[by_name])
        parts.append(
            cell_rows(
                "theme_document", theme + " | " + document, theme, cells.n_paragraphs[by_name], cells.mean[by_name],
                cells.low[by_name], cells.high[by_name],
            )
        )  # fmt: skip
    for grouping, offset in zip(groupings[1:], offsets[1:-1], strict=True):
        drawn = sums.documents[:, offset : offset + len(grouping.groups)]
        label = grouping.label[documents.document]
        parts.append(group_rows(grouping, label, documents, drawn))
        known = np.flatnonzero(grouping.known)
        if len(known) < 2:
            continue
        place = np.where(grouping.known, np.cumsum(grouping.known) - 1, -1)[label]
        shared = drawn_difference(drawn[:, known], documents, place, len(known))
        parts.append(
            comparison_rows(
                documents.mean[:, None], place, grouping, settings, fixed, shared=shared, n_draws=n_draws,
                measurement=measurement, n_paragraphs=documents.n_paragraphs, bound=2.0, themes=None,
            )
        )  # fmt: skip
    return parts
