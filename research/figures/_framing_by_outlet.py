"""How the documents of each outlet, or of any other group, frame their subject, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research._tables import UNKNOWN
from research.figures._intervals import SCHEMA as INTERVALS
from research.figures._intervals import axis_words, forest, height_of
from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import styled
from research.figures._tables import (
    covers,
    frame,
    groups_by,
    need,
    no_comparison,
    none_shown,
    notes,
    stands_apart,
    tested,
)
from research.figures._text import clean, count, signed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "framing_by_outlet"]

SCHEMA = {**INTERVALS, "q": "number", "beside": "text"}

_SHOWN = 30


def framing_by_outlet(
    estimates: pl.DataFrame,
    *,
    column: str = "outlet",
    poles: tuple[str, str] = ("analytical", "celebratory"),
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw the mean framing of each outlet's documents with its interval, the highest on top.

    An outlet that differs from the documents of all others after correction (q < .05) has a mark. With fewer than two
    outlets of two or more documents the figure says why there is nothing to compare. Of more than 30 outlets, the 30
    with the most documents are drawn.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table; rows of ``framing`` by ``column`` and ``all`` are drawn.
    column : str, default "outlet"
        What makes the groups: a column of ``inference.columns``.
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
    return draw(data(estimates, column, poles, confidence), columns)


def data(estimates: pl.DataFrame, column: str, poles: tuple[str, str], confidence: float) -> pl.DataFrame:
    """Give the numbers drawn; where groups cannot be compared, one row that says why."""
    need(estimates, "estimates", ["quantity", "theme", "group_by", "group", "reference", "n_documents", "estimate",
                                  "low", "high", "q", "note", "uncertainty_sources"])  # fmt: skip
    if why := no_comparison(estimates, column, "framing"):
        return frame([{"label": column, "row": "none", "axis": axis_words(poles), "footnote": why}], SCHEMA)
    framing = estimates.filter((estimates["quantity"] == "framing") & estimates["theme"].is_null())
    levels = framing.filter(framing["reference"].is_null() & framing["estimate"].is_not_null())
    each = levels.filter((levels["group_by"] == column) & (levels["group"] != UNKNOWN))
    most = each.sort(["n_documents", "group"], descending=[True, False]).head(_SHOWN)
    drawn = most.sort(["estimate", "group"], descending=[True, False])
    compared = {row["group"]: row for row in tested(estimates, column, "framing").iter_rows(named=True)}

    def line(row: dict[str, Any], label: str, kind: str) -> dict[str, Any]:
        against = compared.get(row["group"]) if kind == "one" else None
        own = against["q"] if against else None
        mark = " *" if against and stands_apart(against) else ""
        beside = f"{signed(row['estimate'])}   n = {row['n_documents']:,} / {row['n_paragraphs']:,}{mark}"
        return {**row, "key": row["group"], "label": label, "row": kind, "q": own, "beside": beside}

    rows = [line(row, clean(row["group"]), "one") for row in drawn.iter_rows(named=True)]
    everything = levels.filter(levels["group_by"] == "all").head(1)
    rows += [line(row, "All documents", "all") for row in everything.iter_rows(named=True)]
    marked = any(row["beside"].endswith("*") for row in rows)
    footnote = "n: documents / paragraphs. " + (
        f"* differs from the documents of all other {groups_by(column)}: q < .05, by a permutation test of documents, "
        f"corrected for {count(len(compared), 'comparison')}, and the interval of the difference leaves out 0."
        if marked
        else none_shown(estimates, column, "framing")
    )
    footnote += f" {covers(drawn, confidence)} {notes(drawn, clean(column))}"
    if each.height > drawn.height:
        footnote += (
            f" Shown are the {drawn.height} of {count(each.height, clean(column))} with the most documents; "
            f"{each.height - drawn.height:,} are left out."
        )
    fixed = {"axis": axis_words(poles), "footnote": " ".join(footnote.split())}
    return frame([{**row, **fixed} for row in rows], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    if data["estimate"].drop_nulls().is_empty():
        return nothing_to_draw("framing_by_outlet", data, columns, data["footnote"][0])
    caption = f"Mean framing score by group of documents. {data['footnote'][0]}"
    with styled(columns):
        figure = page(columns, height_of(data, columns), data["footnote"][0])
        forest(figure.add_subplot(), data, columns)
        finish(figure)
    return Plot("framing_by_outlet", figure, data, caption, data["footnote"][0])
