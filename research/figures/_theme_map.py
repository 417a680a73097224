"""The map of paragraphs, coloured by theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import GREY, SERIES, styled
from research.figures._tables import counted, frame, need, theme_labels
from research.figures._text import count, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "theme_map"]

SCHEMA = {
    "paragraph_id": "text",
    "x": "number",
    "y": "number",
    "theme": "text",
    "label": "text",
    "series": "integer",
    "footnote": "text",
}
"""``series``: 1 for the theme with the most paragraphs and so on, 0 for other themes, missing for no theme."""

_NAMED = 14
_MARKERS = ("o", "^")
_LEGEND_WIDTH = {1: 1.25, 2: 1.75}
"""Room of a theme's name in the legend, in inches."""
_MOST_POINTS = 20_000
_AS_IMAGE = 4_000


def theme_map(
    paragraphs: pl.DataFrame, map: pl.DataFrame, themes: pl.DataFrame | None = None, *, columns: int = 2
) -> Plot:
    """Draw each paragraph at its place on the map, its primary theme by colour and marker.

    The 14 themes with the most paragraphs are named; the others are grey. Above 20,000 paragraphs every k-th is drawn.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        The run's table.
    map : polars.DataFrame
        The run's table: ``paragraph_id``, ``x``, ``y``, without units.
    themes : polars.DataFrame, optional
        For readable names.
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot

    Notes
    -----
    Neighbours on the map are alike; distances between far groups, and the axes, mean nothing.
    """
    return draw(data(paragraphs, map, themes), columns)


def data(paragraphs: pl.DataFrame, map: pl.DataFrame, themes: pl.DataFrame | None) -> pl.DataFrame:
    """Give the points drawn."""
    need(paragraphs, "paragraphs", ["paragraph_id", "document_id", "theme"])
    need(map, "map", ["paragraph_id", "x", "y"])
    points = paragraphs.select("paragraph_id", "document_id", "theme").join(map, on="paragraph_id").sort("paragraph_id")
    sizes = points["theme"].drop_nulls().value_counts().sort(["count", "theme"], descending=[True, False])
    ranked = sizes["theme"].to_list()
    series = {theme: i + 1 if i < _NAMED else 0 for i, theme in enumerate(ranked)}
    labels = theme_labels(themes)
    footnote = counted(points.height, points["document_id"].n_unique())
    footnote += ". Near points are alike; the axes have no unit."
    if len(ranked) > _NAMED:
        footnote += f" Grey points: {count(len(ranked) - _NAMED, 'other theme')}."
    if lacking := points["theme"].null_count():
        footnote += f" Open circles: {count(lacking, 'paragraph')} with no theme."
    if points.height > _MOST_POINTS:
        step = -(-points.height // _MOST_POINTS)
        points = points.gather_every(step)
        footnote += f" Every {step}th paragraph is drawn." if step > 3 else f" One paragraph in {step} is drawn."
    rows: list[dict[str, Any]] = [
        {**row, "label": labels.get(row["theme"], row["theme"]), "series": series.get(row["theme"])}
        for row in points.iter_rows(named=True)
    ]
    return frame([{**row, "footnote": footnote} for row in rows], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    import numpy as np

    if data.is_empty():
        return nothing_to_draw("theme_map", data, columns, "No paragraph has a place on the map.")
    caption = f"Map of paragraphs by primary theme. {data['footnote'][0]}"
    n = data.height
    size = 7.0 if columns == 2 else 5.8
    area = float(np.clip(2600 / n, 1.5, 22)) * (1.0 if columns == 2 else 0.6)
    with styled(columns):
        figure = page(columns, 3.9 if columns == 2 else 4.2, data["footnote"][0])
        axes = figure.add_subplot()
        axes.set(xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set_visible(True)
            side.set_color("#d0d0d0")
        groups: list[int | None] = sorted(data["series"].drop_nulls().unique().to_list())
        for series in [None, *groups]:
            rows = data.filter(data["series"].is_null() if series is None else data["series"] == series)
            x, y = rows["x"].to_numpy(), rows["y"].to_numpy()
            look: dict[str, Any] = {"s": area, "rasterized": n > _AS_IMAGE, "linewidths": 0.3, "zorder": 3}
            if series is None:
                look |= {"facecolors": "none", "edgecolors": GREY, "linewidths": 0.6, "zorder": 1}
            elif series == 0:
                look |= {"facecolors": "#c4c4c4", "edgecolors": "none", "zorder": 2}
            else:
                look |= {"facecolors": SERIES[(series - 1) % len(SERIES)], "edgecolors": "white",
                         "marker": _MARKERS[(series - 1) // len(SERIES)]}  # fmt: skip
                name = wrap(rows["label"][0], _LEGEND_WIDTH[columns], size, max_lines=2)
                look["label"] = f"{name} ({rows.height:,})"
            axes.scatter(x, y, **look)
        axes.margins(0.05)
        if any(groups):
            where: Any = "outside right upper" if columns == 2 else "outside upper left"
            figure.legend(loc=where, ncols=1 if columns == 2 else 2, fontsize=size, markerscale=1.2, handletextpad=0.2,
                          labelspacing=0.7, columnspacing=0.6)  # fmt: skip
        finish(figure)
    return Plot("theme_map", figure, data, caption, data["footnote"][0])
