"""The words that set each theme apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import GREY, SERIES, SMALL, WIDTHS, styled
from research.figures._tables import frame, need, theme_labels
from research.figures._text import clean, count, shorten, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "keywords_by_theme"]

SCHEMA = {
    "theme": "text",
    "label": "text",
    "n_paragraphs": "integer",
    "rank": "integer",
    "keyword": "text",
    "weight": "number",
    "footnote": "text",
}
_THEMES = 15
_WORDS = 6
_WORD_SHARE = 0.56
"""Part of a panel's width that the words get."""


def keywords_by_theme(keywords: pl.DataFrame, themes: pl.DataFrame, *, columns: int = 2) -> Plot:
    """Draw the six strongest keywords of each theme, one panel a theme, the theme with the most paragraphs first.

    Of more than 15 themes, the 15 with the most paragraphs are drawn. Each panel has its own scale.

    Parameters
    ----------
    keywords, themes : polars.DataFrame
        The run's tables.
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
    """
    return draw(data(keywords, themes), columns)


def data(keywords: pl.DataFrame, themes: pl.DataFrame) -> pl.DataFrame:
    """Give the numbers drawn."""
    need(keywords, "keywords", ["theme", "rank", "keyword", "weight"])
    need(themes, "themes", ["theme", "label", "n_paragraphs"])
    sizes = dict(zip(themes["theme"].to_list(), themes["n_paragraphs"].to_list(), strict=True))
    labels = theme_labels(themes)
    having = [theme for theme in keywords["theme"].unique().sort().to_list() if theme in sizes]
    ranked = sorted(having, key=lambda theme: (-sizes[theme], theme))
    footnote = (
        "n: paragraphs that have the theme. Bars: how much more its paragraphs have the keyword than the others do "
        "(Jensen-Shannon), each panel on its own scale."
    )
    if len(ranked) > _THEMES:
        footnote += f" The {_THEMES} themes with the most paragraphs, of {count(len(ranked), 'theme')}."
    rows: list[dict[str, Any]] = []
    for theme in ranked[:_THEMES]:
        words = keywords.filter(keywords["theme"] == theme).sort("rank").head(_WORDS)
        for row in words.iter_rows(named=True):
            rows.append({**row, "label": labels[theme], "n_paragraphs": sizes[theme], "footnote": footnote})
    return frame(rows, SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    if data.is_empty():
        return nothing_to_draw("keywords_by_theme", data, columns, "No theme has keywords.")
    caption = f"The strongest keywords of each theme. {data['footnote'][0]}"
    themes = data["theme"].unique(maintain_order=True).to_list()
    across = min(len(themes), 4 if columns == 2 else 2)
    if columns == 2 and len(themes) > 4 and len(themes) % 4 in (1, 2) and len(themes) % 3 != 1:
        across = 3
    down = math.ceil(len(themes) / across)
    room = WIDTHS[columns] / across
    with styled(columns):
        figure = page(columns, 0.1 + down * 1.22, data["footnote"][0])
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.flat[len(themes) :]:
            axes.set_visible(False)
        for axes, theme in zip(grid.flat, themes, strict=False):
            rows = data.filter(data["theme"] == theme)
            weights = rows["weight"].to_list()
            # Words left of zero, bars right of it, so that the name above begins at the panel's edge.
            axes.set_xlim(-_WORD_SHARE / (1 - _WORD_SHARE), 1)
            axes.set_ylim(_WORDS + 0.4, -0.5)
            axes.set_axis_off()
            axes.barh(range(len(weights)), [w / max(*weights, 1e-12) for w in weights], height=0.66, color=SERIES[4],
                      linewidth=0)  # fmt: skip
            axes.plot([0, 0], [-0.5, len(weights) - 0.5], color=GREY, linewidth=0.6)
            for y, word in enumerate(rows["keyword"].to_list()):
                axes.annotate(shorten(clean(word), room * _WORD_SHARE - 0.12, SMALL), (0, y), xytext=(-3, 0),
                              textcoords="offset points", size=SMALL, ha="right", va="center")  # fmt: skip
            n = f"n = {rows['n_paragraphs'][0]:,}"
            axes.text(0.02, _WORDS, n, size=SMALL, color=GREY, ha="left", va="center")
            axes.set_title(wrap(rows["label"][0], room - 0.15, 6.8, 2), size=6.8)
        finish(figure)
    return Plot("keywords_by_theme", figure, data, caption, data["footnote"][0])
