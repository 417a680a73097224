"""From paragraphs to documents: the paragraphs in canonical order, and the means and draws of their cells.

A cell is a document, or the paragraphs of one theme in one document. Everything that follows works on cells, so a
million paragraphs are walked through once a quantity, in blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["Arranged", "Cells", "GroupDraws", "arrange", "reduce_scores"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Elements of the draws held as float64 at once: 4 million are 32 MB.
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Arranged:
    """The paragraphs that count, sorted by document, theme and position.

    Attributes
    ----------
    documents, themes : list of str
        Names, sorted; the codes below index them.
    order : ndarray of shape (n,)
        Row of the table that each stands for.
    document, theme : ndarray of shape (n,)
        Codes; theme is -1 where a paragraph has none.
    weight : ndarray of shape (n,)
        How often it counts.
    """

    documents: list[str]
    themes: list[str]
    order: Integers
    document: Integers
    theme: Integers
    weight: Floats


@dataclass(frozen=True)
class Cells:
    """Means of cells, with their measurement draws summed up.

    Attributes
    ----------
    document, theme : ndarray of shape (n_cells,)
        Codes; theme is -1 where the cell is a whole document.
    mean : ndarray of shape (n_cells,)
    n_paragraphs : ndarray of shape (n_cells,)
    low, high, variance : ndarray of shape (n_cells,)
        Percentiles and variance of the cell's draws; NaN without draws.
    """

    document: Integers
    theme: Integers
    mean: Floats
    n_paragraphs: Integers
    low: Floats
    high: Floats
    variance: Floats


@dataclass(frozen=True)
class GroupDraws:
    """Draws of groups' sums over cells, (n_draws, n_groups); no rows without draws."""

    documents: Floats
    themes: Floats
    contrasts: Floats


def arrange(paragraphs: pl.DataFrame, repeats: Literal["once", "printed"], column: str | None = None) -> Arranged:
    """Sort the paragraphs that count, whatever the order of the table's rows.

    A paragraph that repeats another document's does not count once. With a `column` whose values make groups, it does
    in each of them, once: what two outlets print is told by both, and would else be counted as the one's whose document
    has the first name.
    """
    documents = paragraphs.get_column("document_id").unique().sort().to_list()
    themes = paragraphs.get_column("theme").drop_nulls().unique().sort().to_list()
    names = ["document_id", "theme", "position", "paragraph_id", "n_printed", "duplicate_of"]
    rows = paragraphs.select(*names, *([pl.col(column).alias("group")] if column else [])).with_row_index("row")
    # Not by paragraph_id: sums must keep their bits when a document is renamed.
    rows = rows.sort("document_id", "theme", "position", "paragraph_id", nulls_last=True)
    if repeats == "once" and column is None:
        rows = rows.filter(pl.col("duplicate_of").is_null())
    elif repeats == "once":
        printed = pl.col("duplicate_of").fill_null(pl.col("paragraph_id"))
        originals_first = rows.with_columns(printed.alias("printed")).sort(
            pl.col("duplicate_of").is_not_null(), maintain_order=True
        )
        kept = originals_first.unique(["group", "printed"], keep="first", maintain_order=True)
        rows = rows.filter(pl.col("row").is_in(kept.get_column("row").implode()))
    weight = np.ones(rows.height) if repeats == "once" else rows.get_column("n_printed").to_numpy().astype(np.float64)
    return Arranged(
        documents=documents,
        themes=themes,
        order=rows.get_column("row").to_numpy().astype(np.int64),
        document=codes(rows.get_column("document_id"), documents),
        theme=codes(rows.get_column("theme"), themes),
        weight=weight,
    )


def codes(values: pl.Series, names: Sequence[str]) -> Integers:
    """Give the place of each value among sorted names, -1 where it is missing."""
    if not names:
        return np.full(len(values), -1, dtype=np.int64)
    place = values.replace_strict(list(names), range(len(names)), default=-1, return_dtype=pl.Int64)
    return place.fill_null(-1).to_numpy().astype(np.int64)


def reduce_scores(
    arranged: Arranged,
    scores: Floats,
    draws: NDArray[np.floating] | None,
    membership: Integers,
    *,
    what: str,
    confidence: float,
) -> tuple[Cells, Cells, Cells, GroupDraws]:
    """Reduce the scores of paragraphs to documents, to themes in documents, and to theme against rest in documents.

    Parameters
    ----------
    arranged : Arranged
    scores : ndarray of shape (n_rows,)
        In the order of the table; NaN where a paragraph has no score.
    draws : ndarray of shape (n_draws, n_rows) or None
    membership : ndarray of int, shape (n_documents, n_groupings)
        The groups of each document, for the sums of draws; the groups of all groupings are numbered through.
    what : str
        Name of the draws in messages.
    confidence : float

    Returns
    -------
    documents, themes, contrasts : Cells
        A contrast is a theme's mean minus the mean of the document's other paragraphs.
    sums : GroupDraws
        Draws of the cells' means summed over the groups of documents, and over themes.
    """
    keep = np.isfinite(scores[arranged.order])
    order, document, theme = arranged.order[keep], arranged.document[keep], arranged.theme[keep]
    weight = arranged.weight[keep]
    n_groups, n_themes = int(membership.max(initial=-1)) + 1, len(arranged.themes)
    # Runs of equal (document, theme), and of equal document; a document's run starts where one of its themes' does.
    cell_start = _starts(document, theme)
    cell_document, cell_theme = document[cell_start], theme[cell_start]
    doc_start = _starts(cell_document)
    doc_of_cell = np.repeat(np.arange(len(doc_start)), np.diff(np.append(doc_start, len(cell_start))))
    cell_weight = _sum_runs(weight, cell_start)
    doc_weight = _sum_runs(cell_weight, doc_start)
    rest_weight = doc_weight[doc_of_cell] - cell_weight
    has_theme = cell_theme >= 0
    contrasted = has_theme & (rest_weight > 0)

    def means(sums: Floats) -> tuple[Floats, Floats, Floats]:
        """Give the means (…, documents), (…, cells) and of the cells' rests from the cells' sums (…, cells)."""
        whole = _sum_runs(sums, doc_start)
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = (whole[..., doc_of_cell] - sums) / rest_weight
        return whole / doc_weight, sums / cell_weight, rest

    doc_mean, cell_mean, rest_mean = means(_sum_runs(scores[order] * weight, cell_start))
    n_docs, n_cells = len(doc_start), len(cell_start)
    doc_stats, cell_stats, contrast_stats = (np.full((3, size), np.nan) for size in (n_docs, n_cells, n_cells))
    n_draws = 0 if draws is None else len(draws)
    sums = GroupDraws(np.zeros((n_draws, n_groups)), np.zeros((n_draws, n_themes)), np.zeros((n_draws, n_themes)))
    if draws is not None and n_docs:
        doc_group = membership[cell_document[doc_start]]
        ends = np.append(cell_start[doc_start][1:], len(order))
        for first, last in _blocks(ends, max(1, _BLOCK // max(1, n_draws))):
            cells = slice(doc_start[first], doc_start[last] if last < n_docs else n_cells)
            rows = slice(cell_start[cells.start], ends[last - 1])
            taken = np.asarray(draws[:, order[rows]], dtype=np.float64)
            if not np.isfinite(taken).all():
                bad = int(order[rows][~np.isfinite(taken).all(axis=0)][0])
                raise InputError(
                    f"{what}: row {bad} of the paragraphs has a score but not every draw of it is finite; "
                    "give a number for every draw of every scored paragraph"
                )
            cell_sums = _sum_runs(taken * weight[rows], cell_start[cells] - rows.start)
            local = doc_of_cell[cells] - first
            whole = _sum_runs(cell_sums, doc_start[first:last] - cells.start)
            docs_drawn = whole / doc_weight[first:last]
            cells_drawn = cell_sums / cell_weight[cells]
            doc_stats[:, first:last] = _spread(docs_drawn, confidence)
            cell_stats[:, cells] = _spread(cells_drawn, confidence)
            for grouping in doc_group.T:
                _add_groups(sums.documents, docs_drawn, grouping[first:last])
            _add_groups(sums.themes, cells_drawn, cell_theme[cells])
            pick = contrasted[cells]
            if pick.any():
                rest = (whole[:, local[pick]] - cell_sums[:, pick]) / rest_weight[cells][pick]
                differences = cells_drawn[:, pick] - rest
                contrast_stats[:, np.flatnonzero(pick) + cells.start] = _spread(differences, confidence)
                _add_groups(sums.contrasts, differences, cell_theme[cells][pick])

    everything = np.ones(n_docs, dtype=bool)
    no_theme = np.full(n_docs, -1, dtype=np.int64)
    return (
        _build(everything, cell_document[doc_start], no_theme, doc_mean, doc_weight, doc_stats),
        _build(has_theme, cell_document, cell_theme, cell_mean, cell_weight, cell_stats),
        _build(contrasted, cell_document, cell_theme, cell_mean - rest_mean, cell_weight, contrast_stats),
        sums,
    )


def _build(
    where: NDArray[np.bool_], document: Integers, theme: Integers, mean: Floats, weight: Floats, stats: Floats
) -> Cells:
    # An interval that leaves its own estimate outside can neither be drawn nor read.
    low, high = np.minimum(stats[0], mean), np.maximum(stats[1], mean)
    n_paragraphs = np.rint(weight[where]).astype(np.int64)
    return Cells(document[where], theme[where], mean[where], n_paragraphs, low[where], high[where], stats[2][where])


def _starts(*keys: Integers) -> Integers:
    """Give where runs of equal keys start."""
    n = len(keys[0])
    new = np.zeros(n, dtype=bool)
    if n:
        new[0] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)


def _sum_runs(values: Floats, starts: Integers) -> Floats:
    """Sum runs along the last axis; an empty array where there is no run."""
    if not len(starts):
        return np.zeros((*values.shape[:-1], 0))
    return np.asarray(np.add.reduceat(values, starts, axis=-1))


def _blocks(ends: Integers, width: int) -> list[tuple[int, int]]:
    """Cut documents into blocks of at most ``width`` paragraphs, one document at least."""
    blocks, first, begin = [], 0, 0
    while first < len(ends):
        last = max(first + 1, int(np.searchsorted(ends, begin + width, side="right")))
        blocks.append((first, last))
        first, begin = last, int(ends[last - 1])
    return blocks


def _spread(drawn: Floats, confidence: float) -> Floats:
    """Give the percentiles and the variance of draws, (3, n)."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    variance = drawn.var(axis=0, ddof=1) if len(drawn) > 1 else np.zeros(drawn.shape[1])
    return np.stack([low, high, variance])


def _add_groups(sums: Floats, drawn: Floats, label: Integers) -> None:
    """Add the columns of draws to the sums of their groups, in place."""
    from scipy.sparse import csr_array

    inside = np.flatnonzero(label >= 0)
    if len(inside) and sums.shape[1]:
        shape = (len(label), sums.shape[1])
        onehot = csr_array((np.ones(len(inside)), (inside, label[inside])), shape=shape)
        sums += np.asarray((onehot.T @ drawn.T).T)
