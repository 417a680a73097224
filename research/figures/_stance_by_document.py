"""Where each document stands toward each target, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import GREY, INK, SMALL, WIDTHS, stance_legend, stance_look, styled
from research.figures._tables import covers, document_labels, frame, need, notes
from research.figures._text import clean, count, labels_apart, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "stance_by_document"]

SCHEMA = {
    "target": "text",
    "target_label": "text",
    "document_id": "text",
    "label": "text",
    "n_paragraphs": "integer",
    "estimate": "number",
    "low": "number",
    "high": "number",
    "footnote": "text",
}
_TARGETS = 10
_DOCUMENTS = 25
_FEWER_DOCUMENTS = 14
"""Where the panels stand in more than one row, so that the figure stays on a page."""
_ACROSS = 5


def stance_by_document(
    estimates: pl.DataFrame,
    documents: pl.DataFrame | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw the mean stance of each document toward each target, one panel a target.

    Of more than 10 targets and 25 documents (14 with more than 5 targets), those with the most paragraphs that take
    part are drawn. A mean has the colour of its side only where its interval leaves out 0; the others are grey. Nothing
    is corrected for the number of intervals.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table; its rows of ``stance`` by ``document`` are drawn.
    documents : polars.DataFrame, optional
        With ``document_id``, ``outlet`` and ``date``, for readable names.
    labels : mapping of str to str, optional
        Readable names of the targets.
    confidence : float, default 0.95
        The level at which the intervals were computed, in (0, 1).
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
    """
    return draw(data(estimates, documents, labels or {}, confidence), columns)


def data(
    estimates: pl.DataFrame, documents: pl.DataFrame | None, labels: Mapping[str, str], confidence: float
) -> pl.DataFrame:
    """Give the numbers drawn."""
    need(estimates, "estimates", ["quantity", "theme", "target", "group_by", "group", "reference", "n_paragraphs"])
    rows = estimates.filter(
        (estimates["quantity"] == "stance")
        & (estimates["group_by"] == "document")
        & estimates["reference"].is_null()
        & estimates["theme"].is_null()
        & estimates["target"].is_not_null()
    )
    spoken: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for row in rows.iter_rows(named=True):
        spoken[row["target"]] = spoken.get(row["target"], 0) + row["n_paragraphs"]
        lengths[row["group"]] = lengths.get(row["group"], 0) + row["n_paragraphs"]
    targets = sorted(spoken, key=lambda target: (-spoken[target], target))
    by_length = sorted(lengths, key=lambda document: (-lengths[document], document))
    shown = sorted(by_length[: _DOCUMENTS if len(targets) <= _ACROSS else _FEWER_DOCUMENTS])
    footnote = f"n: paragraphs that speak of the target. {covers(rows, confidence)} {notes(rows, 'mean')}"
    n_intervals = rows.filter(rows["low"].is_not_null() & rows["high"].is_not_null()).height
    if n_intervals > 1:
        footnote += (
            f" Each interval is one of {n_intervals:,} and holds for itself: none is corrected for their number."
        )
    if len(by_length) > len(shown):
        footnote += (
            f" Shown are the {len(shown)} of {count(len(by_length), 'document')} with the most paragraphs that "
            f"speak of a target; {len(by_length) - len(shown):,} are left out."
        )
    if len(targets) > _TARGETS:
        footnote += f" The {_TARGETS} most spoken of, of {count(len(targets), 'target')}."
    names = document_labels(documents)
    cells = {(row["target"], row["group"]): row for row in rows.iter_rows(named=True)}
    out: list[dict[str, Any]] = []
    for target in targets[:_TARGETS]:
        for document in shown:
            cell = cells.get((target, document), {})
            out.append(
                {
                    "target": target,
                    "target_label": clean(labels.get(target, target.replace("_", " "))),
                    "document_id": document,
                    "label": names.get(document, clean(document)),
                    "n_paragraphs": cell.get("n_paragraphs", 0),
                    "estimate": cell.get("estimate"),
                    "low": cell.get("low"),
                    "high": cell.get("high"),
                    "footnote": " ".join(footnote.split()),
                }
            )
    return frame(out, SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    if data["estimate"].drop_nulls().is_empty():
        return nothing_to_draw("stance_by_document", data, columns, "No document has a stance toward a target.")
    caption = f"Mean stance of each document toward each target. {data['footnote'][0]}"
    targets = data["target"].unique(maintain_order=True).to_list()
    across = min(len(targets), _ACROSS if columns == 2 else 2)
    down = math.ceil(len(targets) / across)
    lines = data.height // len(targets)
    size = SMALL if columns == 2 else 6.0
    label_width = (1.15 if across > 3 else 1.4) if columns == 2 else 0.85
    with styled(columns):
        below = "Mean stance: −1 against, 0 neutral, +1 in favor"
        names = labels_apart(data["label"].to_list()[:lines], label_width, size, 2)
        line = 0.28 if any("\n" in name for name in names) else 0.21
        figure = page(
            columns, (0.35 if columns == 2 else 0.5) + down * (0.5 + lines * line), data["footnote"][0], below
        )
        grid = figure.subplots(down, across, sharey=True, sharex=True, squeeze=False)
        for axes in grid.flat[len(targets) :]:
            axes.set_visible(False)
        room = (WIDTHS[columns] - label_width) / across - 0.12
        for i, (axes, target) in enumerate(zip(grid.flat, targets, strict=False)):
            rows = list(data.filter(data["target"] == target).iter_rows(named=True))
            axes.axvline(0, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)), zorder=1)
            for y, row in enumerate(rows):
                if row["estimate"] is None:
                    axes.text(0, y, "not spoken of" if not row["n_paragraphs"] else "no score", size=5.5, color=GREY,
                              ha="center", va="center", backgroundcolor="white")  # fmt: skip
                    continue
                color, marker = stance_look(row["low"], row["high"])
                if row["low"] is not None and row["high"] is not None:
                    axes.plot([row["low"], row["high"]], [y, y], color=color, linewidth=1.4, solid_capstyle="butt")
                axes.plot([row["estimate"]], [y], marker, color=color, markersize=3.8,
                          markeredgecolor=INK, markeredgewidth=0.4, zorder=3)  # fmt: skip
                axes.annotate(f"{row['n_paragraphs']:,}", (1, y), xycoords=("axes fraction", "data"), xytext=(1, 0),
                              textcoords="offset points", size=5.5, color=GREY, va="center")  # fmt: skip
            axes.set_title(wrap(rows[0]["target_label"], room, 6.8, 2), size=6.8)
            axes.annotate("n", (1, -0.75), xycoords=("axes fraction", "data"), xytext=(1, 0),
                          textcoords="offset points", size=5.5, color=GREY, va="center")  # fmt: skip
            axes.set_xlim(-1.1, 1.1)
            axes.set_xticks([-1, 0, 1], ["−1", "0", "+1"])
            # The last panel of a column needs its ticks even where the row below is not full.
            axes.tick_params(axis="x", labelbottom=i + across >= len(targets), labelsize=size)
            axes.set_yticks(range(lines), names)
            axes.set_ylim(lines - 0.4, -1.0)
            axes.tick_params(axis="y", length=0, labelsize=size)
            axes.spines["left"].set_visible(False)
            axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
        # One column has no room for the word in each entry.
        heading: dict[str, Any] = {"title": "Interval", "title_fontsize": size, "alignment": "left"}
        before = "interval " if columns == 2 else ""
        handles = stance_legend(f"{before}below 0", f"{before}holds 0, or none", f"{before}above 0")
        figure.legend(handles=handles, loc="outside upper left", ncols=3,
                      handlelength=1.1, handletextpad=0.3, columnspacing=0.9, fontsize=size,
                      **({} if columns == 2 else heading))  # fmt: skip
        finish(figure)
    return Plot("stance_by_document", figure, data, caption, data["footnote"][0])
