"""Whether probabilities come true: predicted beside observed shares, with how many texts stand behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import BLUE, GREY, INK, SMALL, styled
from research.figures._tables import frame, need
from research.figures._text import clean, count, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "reliability"]

SCHEMA = {
    "bin": "integer",
    "mean_predicted": "number",
    "observed": "number",
    "low": "number",
    "high": "number",
    "n": "integer",
    "label": "text",
    "footnote": "text",
}


def reliability(table: pl.DataFrame, *, label: str = "the class", confidence: float = 0.95, columns: int = 1) -> Plot:
    """Draw observed shares over predicted probabilities, with intervals, and the number of texts in each bin below.

    Points on the diagonal are probabilities that come true; above it they are too low, below it too high.

    Parameters
    ----------
    table : polars.DataFrame
        As `research.framing.reliability_table` gives it, of texts the probabilities were not fitted on.
    label : str
        Whose probability it is, for the axes' names.
    confidence : float, default 0.95
        The level at which the table's intervals were computed, in (0, 1).
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot

    Examples
    --------
    >>> from research.framing import reliability_table
    >>> plot = reliability(reliability_table([0.75, 0.75, 0.15, 0.15], [1, 0, 0, 0]), label="praise")
    >>> plot.note
    'n = 4 texts. Bars: 95% Wilson intervals; they take the texts for independent. Expected calibration error 0.20.'
    """
    return draw(data(table, label, confidence), columns)


def data(table: pl.DataFrame, label: str, confidence: float) -> pl.DataFrame:
    """Give the numbers drawn."""
    need(table, "table", ["bin", "mean_predicted", "observed", "n", "low", "high"])
    rows: list[dict[str, Any]] = list(table.sort("bin").iter_rows(named=True))
    total = sum(row["n"] for row in rows)
    gap = sum(row["n"] * abs(row["observed"] - row["mean_predicted"]) for row in rows) / max(total, 1)
    note = (
        f"n = {count(total, 'text')}. Bars: {100 * confidence:g}% Wilson intervals; they take the texts for "
        f"independent. Expected calibration error {gap:.2f}."
    )
    return frame([{**row, "label": clean(label), "footnote": note} for row in rows], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 1) -> Plot:
    """Draw the figure from its numbers alone."""
    if data.is_empty():
        return nothing_to_draw("reliability", data, columns, "There are no texts to compare probabilities with.")
    label, note = data["label"][0], data["footnote"][0]
    rows = list(data.iter_rows(named=True))
    size = 6.2 if columns == 1 else 7.0
    room = 2.0 if columns == 1 else 2.4
    with styled(columns):
        figure = page(columns, 3.6 if columns == 1 else 4.2, note)
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        axes.annotate("comes true", (0.9, 0.9), xytext=(-3, 5), textcoords="offset points", size=SMALL, color=GREY,
                      ha="right", va="bottom")  # fmt: skip
        x = [row["mean_predicted"] for row in rows]
        for place, row in zip(x, rows, strict=True):
            axes.plot([place, place], [row["low"], row["high"]], color=GREY, linewidth=1.0, solid_capstyle="butt",
                      zorder=1.5)  # fmt: skip
        axes.plot(x, [row["observed"] for row in rows], color=BLUE, linewidth=0.9, marker="o", markersize=4,
                  markeredgecolor=INK, markeredgewidth=0.4, zorder=3)  # fmt: skip
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.03, 1.03)
        axes.set_ylabel(wrap(f"Observed share of {label}", room, size, max_lines=2))
        axes.grid(color="#eeeeee", linewidth=0.6)
        most = max(row["n"] for row in rows)
        for place, row in zip(x, rows, strict=True):
            below.plot([place, place], [0, row["n"]], color=BLUE, linewidth=2.4, solid_capstyle="butt")
        below.set_ylim(0, most * 1.08)
        # Bars may stand too near one another for a number each: the largest is on the axis.
        below.set_yticks([0, most], ["0", f"{most:,}"])
        below.set_ylabel("n")
        below.set_xlabel(wrap(f"Predicted probability of {label}", room, size, max_lines=2))
        finish(figure)
    caption = (
        f"Predicted probability and observed share of {label}, in bins of the prediction; on the dashed line "
        f"probabilities come true. {note}"
    )
    return Plot("reliability", figure, data, caption, note)
