"""Each article as a line of framing from its first to its last paragraph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from research.figures._intervals import axis_words
from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import GREY, INK, LIGHT, SMALL, WIDTHS, diverging, styled
from research.figures._tables import counted, document_labels, frame, need
from research.figures._text import clean, count, labels_apart

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "article_lines", "draw"]

SCHEMA = {
    "document_id": "text",
    "label": "text",
    "paragraph_id": "text",
    "place": "integer",
    "framing": "number",
    "low": "number",
    "high": "number",
    "axis": "text",
    "footnote": "text",
}

_SHOWN = 20


def article_lines(
    paragraphs: pl.DataFrame,
    documents: pl.DataFrame | None = None,
    *,
    poles: tuple[str, str] = ("analytical", "celebratory"),
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw each article's framing scores in the order of its paragraphs, with their intervals.

    Of more than 20 articles, the 20 with the most paragraphs are drawn. A paragraph without a score breaks the line.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        The run's table.
    documents : polars.DataFrame, optional
        With ``document_id``, ``outlet`` and ``date``, for readable names.
    poles : tuple of str
        Names of the framing axis's negative and positive pole.
    confidence : float, default 0.95
        The level at which the intervals were computed, in (0, 1).
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
    """
    return draw(data(paragraphs, documents, poles, confidence), columns)


def data(
    paragraphs: pl.DataFrame, documents: pl.DataFrame | None, poles: tuple[str, str], confidence: float
) -> pl.DataFrame:
    """Give the numbers drawn."""
    needed = ["paragraph_id", "document_id", "position", "framing", "framing_low", "framing_high"]
    need(paragraphs, "paragraphs", needed)
    sizes = dict(paragraphs.group_by("document_id").len().iter_rows())
    shown = sorted(sorted(sizes, key=lambda document: (-sizes[document], document))[:_SHOWN])
    drawn = paragraphs.filter(paragraphs["document_id"].is_in(shown)).sort("document_id", "position")
    names = document_labels(documents, paragraphs)
    footnote = (
        f"{counted(drawn.height, len(shown))}. {axis_words(poles)}. Bands: each paragraph's {100 * confidence:g}% "
        "interval of measurement."
    )
    if len(sizes) > _SHOWN:
        footnote += (
            f" Shown are the {_SHOWN} of {count(len(sizes), 'document')} with the most paragraphs; "
            f"{len(sizes) - _SHOWN:,} are left out."
        )
    rows: list[dict[str, Any]] = []
    for row in drawn.iter_rows(named=True):
        rows.append(
            {
                "document_id": row["document_id"],
                "label": names[row["document_id"]],
                "paragraph_id": row["paragraph_id"],
                "place": row["position"] + 1,
                "framing": row["framing"],
                "low": row["framing_low"],
                "high": row["framing_high"],
                "axis": f"−1 {clean(poles[0])}, +1 {clean(poles[1])}",
                "footnote": footnote,
            }
        )
    return frame(rows, SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    import numpy as np

    if data["framing"].drop_nulls().is_empty():
        return nothing_to_draw("article_lines", data, columns, "No paragraph has a framing score.")
    caption = f"Framing along each article, from its first paragraph to its last. {data['footnote'][0]}"
    documents = data["document_id"].unique(maintain_order=True).to_list()
    across = min(len(documents), 4 if columns == 2 else 2)
    down = math.ceil(len(documents) / across)
    if columns == 2 and len(documents) in (5, 6):
        across, down = 3, 2
    with styled(columns):
        figure = page(columns, 0.1 + down * (1.2 if columns == 2 else 1.05), data["footnote"][0], "Paragraph")
        grid = figure.subplots(down, across, sharey=True, squeeze=False)
        for axes in grid.flat[len(documents) :]:
            axes.set_visible(False)
        room = WIDTHS[columns] / across - 0.35
        names = data.unique("document_id", maintain_order=True)["label"].to_list()
        titles = labels_apart(names, room, 6.8)
        for axes, document, title in zip(grid.flat, documents, titles, strict=False):
            rows = data.filter(data["document_id"] == document)
            x = rows["place"].to_numpy()
            y, low, high = (rows[name].cast(float).fill_null(np.nan).to_numpy() for name in ("framing", "low", "high"))
            axes.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)), zorder=1)
            axes.fill_between(x, low, high, color=LIGHT, linewidth=0, zorder=0)
            if len(x) == 1:
                axes.plot([x[0], x[0]], [low[0], high[0]], color=LIGHT, linewidth=4, solid_capstyle="butt", zorder=0)
            axes.plot(x, y, color=GREY, linewidth=0.8, zorder=2)
            size = float(np.clip(260 / len(x), 1.5, 13))
            axes.scatter(x, y, s=size, c=[diverging(0 if np.isnan(v) else v) for v in y], edgecolors=INK,
                         linewidths=0.3 if size > 5 else 0, zorder=3, clip_on=False)  # fmt: skip
            last = int(x.max())
            axes.set_xlim(0.5 - 0.02 * last, last + 0.5 + 0.02 * last)
            axes.set_xticks(sorted({1, last}))
            axes.set_ylim(-1.05, 1.05)
            axes.set_yticks([-1, 0, 1], ["−1", "0", "+1"])
            axes.set_title(title, size=6.8)
            axes.tick_params(labelsize=SMALL)
        for axes in grid[:, 0]:
            axes.set_ylabel("Framing", size=7)
        finish(figure)
    return Plot("article_lines", figure, data, caption, data["footnote"][0])
