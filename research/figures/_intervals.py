"""Scores with their intervals, one a line: the drawing that documents and themes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.figures._style import GREY, INK, LIGHT, SMALL, diverging
from research.figures._text import labels_apart, signed, wrap

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

__all__ = ["SCHEMA", "axis_words", "forest", "height_of"]

SCHEMA = {
    "key": "text",
    "label": "text",
    "row": "text",
    "n_paragraphs": "integer",
    "n_documents": "integer",
    "estimate": "number",
    "low": "number",
    "high": "number",
    "axis": "text",
    "footnote": "text",
}
"""Columns of the data; ``row`` is ``one``, ``others`` (their 5th to 95th percentile) or ``all``."""


def axis_words(poles: tuple[str, str]) -> str:
    """Say what the ends of the framing scale mean, the negative pole first."""
    return f"Framing: −1 {poles[0]}, 0 at plain reports, +1 {poles[1]}"


def height_of(data: pl.DataFrame, columns: int) -> float:
    """Give the height in inches that the lines need: more where a label has two."""
    two_lines = any("\n" in label for label in _labels(data, columns))
    return 0.62 + data.height * (0.3 if two_lines else 0.27 if columns == 1 else 0.22)


def _size(columns: int) -> float:
    return 6.2 if columns == 1 else 7.0


def _labels(data: pl.DataFrame, columns: int) -> list[str]:
    return labels_apart(data["label"].to_list(), 1.35 if columns == 1 else 2.5, _size(columns), 2)


def forest(axes: Axes, data: pl.DataFrame, columns: int) -> None:
    """Draw one line a row, from top to bottom in the frame's order, with its n at the right."""
    size = _size(columns)
    rows = list(data.iter_rows(named=True))
    for y, row in enumerate(rows):
        value, low, high = row["estimate"], row["low"], row["high"]
        if value is None:
            axes.text(0, y, "no score", size=SMALL, color=GREY, ha="center", va="center")
            continue
        if row["row"] == "others":
            axes.plot([low, high], [y, y], color=LIGHT, linewidth=5, solid_capstyle="butt", zorder=2)
            axes.plot([value], [y], marker="|", color=GREY, markersize=6, zorder=3)
        else:
            if low is not None and high is not None:
                axes.plot([low, high], [y, y], color=diverging(value), linewidth=1.6, solid_capstyle="butt", zorder=2)
                axes.plot([low, high], [y, y], "|", color=diverging(value), markersize=4, zorder=2)
            marker = "D" if row["row"] == "all" else "o"
            axes.plot([value], [y], marker=marker, color=diverging(value), markeredgecolor=INK,
                      markeredgewidth=0.5, markersize=4.6, zorder=3)  # fmt: skip
        words = row.get("beside") or f"{signed(value)}   n = {row['n_paragraphs']:,}"
        axes.annotate(words, (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
                      size=SMALL, color=GREY, va="center", annotation_clip=False)  # fmt: skip
    above = [i for i, row in enumerate(rows) if row["row"] == "all"]
    if above and len(rows) > 1:
        axes.axhline(above[0] - 0.5, color=LIGHT, linewidth=0.7)
    axes.axvline(0, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
    ends = [abs(row[key]) for row in rows for key in ("estimate", "low", "high") if row[key] is not None]
    # A scale that ends at a fifth beyond the widest interval, alike on both sides, so that left and right compare.
    reach = min(1.0, max(0.4, -(-max(ends, default=1.0) * 5 // 1) / 5))
    axes.set_xlim(-reach * 1.04, reach * 1.04)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), _labels(data, columns))
    axes.tick_params(axis="y", length=0, labelsize=size)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
    axes.set_xlabel(wrap(rows[0]["axis"], 1.9 if columns == 1 else 4.5, size))
