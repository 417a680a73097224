"""How the paragraphs of each theme are framed, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.figures._intervals import SCHEMA, axis_words, forest, height_of
from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import styled
from research.figures._tables import covers, frame, need, notes, theme_labels
from research.figures._text import count

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "framing_by_theme"]

_SHOWN = 24


def framing_by_theme(
    estimates: pl.DataFrame,
    themes: pl.DataFrame | None = None,
    *,
    poles: tuple[str, str] = ("analytical", "celebratory"),
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw the mean framing score of each theme's paragraphs with its interval, the highest on top.

    Of more than 24 themes, the 24 with the most paragraphs are drawn.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table; rows of ``framing`` by ``theme`` and ``all`` are drawn.
    themes : polars.DataFrame, optional
        For readable names.
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
    return draw(data(estimates, themes, poles, confidence), columns)


def data(
    estimates: pl.DataFrame, themes: pl.DataFrame | None, poles: tuple[str, str], confidence: float
) -> pl.DataFrame:
    """Give the numbers drawn."""
    need(estimates, "estimates", ["quantity", "theme", "group_by", "group", "estimate", "low", "high", "note"])
    levels = estimates.filter((estimates["quantity"] == "framing") & estimates["reference"].is_null())
    every = levels.filter((levels["group_by"] == "theme") & levels["estimate"].is_not_null())
    each = every.sort(["n_paragraphs", "group"], descending=[True, False]).head(_SHOWN)
    each = each.sort(["estimate", "group"], descending=[True, False])
    labels = theme_labels(themes)
    rows: list[dict[str, Any]] = [
        {**row, "key": row["group"], "label": labels.get(row["group"], row["group"]), "row": "one"}
        for row in each.iter_rows(named=True)
    ]
    everything = levels.filter((levels["group_by"] == "all") & levels["theme"].is_null()).head(1)
    rows += [{**row, "key": "all", "label": "All paragraphs", "row": "all"} for row in everything.iter_rows(named=True)]
    left_out = ""
    if every.height > each.height:
        left_out = f"The {each.height} themes with the most paragraphs, of {count(every.height, 'theme')}. "
    footnote = f"n: paragraphs whose primary theme it is. {covers(each, confidence)} {left_out}{notes(every, 'theme')}"
    rows = rows or [{"label": "no theme", "row": "none"}]
    fixed = {"axis": axis_words(poles), "footnote": " ".join(footnote.split())}
    return frame([{**row, **fixed} for row in rows], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    if data.filter(data["row"] == "one")["estimate"].is_empty():
        return nothing_to_draw("framing_by_theme", data, columns, "No theme has paragraphs with a framing score.")
    caption = f"Mean framing score by theme. {data['footnote'][0]}"
    with styled(columns):
        figure = page(columns, height_of(data, columns), data["footnote"][0])
        forest(figure.add_subplot(), data, columns)
        finish(figure)
    return Plot("framing_by_theme", figure, data, caption, data["footnote"][0])
