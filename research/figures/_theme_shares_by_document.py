"""How much of each document each theme takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import GREY, INK, SERIES, SMALL, WIDTHS, styled
from research.figures._tables import counted, covers, document_labels, frame, need, tells_nothing, theme_labels
from research.figures._text import clean, count, labels_apart, text_width, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "theme_shares_by_document"]

SCHEMA = {
    "theme": "text",
    "label": "text",
    "document": "text",
    "document_label": "text",
    "n_paragraphs": "integer",
    "share": "number",
    "low": "number",
    "high": "number",
    "footnote": "text",
}
"""``document`` is missing in the rows of the mean over documents."""

_THEMES = 16
_DOCUMENTS = {1: 12, 2: 25}
"""Shown, by the figure's width in columns."""


# So many times as far as any theme's interval the mean of the other themes is written and not drawn.
_MUCH = 2


def theme_shares_by_document(
    estimates: pl.DataFrame,
    themes: pl.DataFrame,
    documents: pl.DataFrame | None = None,
    *,
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw the share of each document's paragraphs with each primary theme, and the mean over documents.

    Themes stand in the order of their mean share. Of more than 16 themes and of more than 25 documents (12 in one
    column) the largest are drawn, the rest in one line of their own (themes: summed; documents: their mean). An
    interval from under 1% to over 99% says nothing and is left out.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table; rows of ``theme_share`` by ``document`` and ``all`` are drawn, so a repeated paragraph counts
        as it did for them.
    themes : polars.DataFrame
        For readable names.
    documents : polars.DataFrame, optional
        With ``document_id``, ``outlet`` and ``date``, for readable names.
    confidence : float, default 0.95
        The level at which the intervals were computed, in (0, 1).
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
    """
    return draw(data(estimates, themes, documents, confidence, columns), columns)


def data(
    estimates: pl.DataFrame, themes: pl.DataFrame, documents: pl.DataFrame | None, confidence: float, columns: int = 2
) -> pl.DataFrame:
    """Give the numbers drawn, the theme with the largest mean share first."""
    need(estimates, "estimates", ["quantity", "theme", "group_by", "group", "reference", "n_paragraphs", "estimate",
                                  "low", "high", "uncertainty_sources"])  # fmt: skip
    levels = estimates.filter((estimates["quantity"] == "theme_share") & estimates["reference"].is_null())
    # A document of which every paragraph repeats another's has no share.
    levels = levels.filter(levels["theme"].is_not_null() & levels["estimate"].is_not_null())
    each = levels.filter(levels["group_by"] == "document")
    overall = levels.filter(levels["group_by"] == "all")
    if each.is_empty():
        return frame([], SCHEMA)
    shares = {(row["group"], row["theme"]): row["estimate"] for row in each.iter_rows(named=True)}
    sizes = {row["group"]: row["n_paragraphs"] for row in each.iter_rows(named=True)}
    by_size = sorted(sizes, key=lambda document: (-sizes[document], document))
    most = _DOCUMENTS.get(columns, _DOCUMENTS[2])
    means = {row["theme"]: row for row in overall.iter_rows(named=True)}
    used = each["theme"].unique().sort().to_list()

    def over(members: list[str], of: list[str]) -> float:
        total: float = sum(shares.get((d, t), 0.0) for d in of for t in members)
        return total / len(of)

    mean = {theme: means[theme]["estimate"] if theme in means else over([theme], by_size) for theme in used}
    ranked = sorted((theme for theme in used if mean[theme] > 0), key=lambda theme: (-mean[theme], theme))
    labels, names = theme_labels(themes), document_labels(documents)
    lines: list[tuple[str, str, list[str]]] = [(t, labels.get(t, clean(t)), [t]) for t in ranked[:_THEMES]]
    if len(ranked) > _THEMES:
        lines.append(("", count(len(ranked) - _THEMES, "other theme"), ranked[_THEMES:]))
    # Shares add up to 1 but for paragraphs with no theme; a thousandth of a paragraph is rounding.
    if any(sizes[d] * (1 - over(used, [d])) > 0.001 for d in by_size):
        lines.append(("", "No theme", []))
    cells: list[tuple[str | None, str, list[str]]] = [(d, names.get(d, clean(d)), [d]) for d in sorted(by_size[:most])]
    if len(by_size) > most:
        cells.append(("", f"{len(by_size) - most:,} others, mean", by_size[most:]))
    cells.append((None, "Mean over documents", by_size))
    drawn = overall.filter(overall["theme"].is_in(ranked[:_THEMES]))
    wide = [theme for theme in ranked[:_THEMES] if theme in means and tells_nothing(means[theme]["low"],
                                                                                    means[theme]["high"])]  # fmt: skip
    told = drawn.filter(~drawn["theme"].is_in(wide))
    footnote = counted(sum(sizes.values()), len(by_size))
    footnote += ". Share of a document's paragraphs by primary theme, in %."
    if told["low"].drop_nulls().len():
        footnote += f" {covers(told, confidence)}"
    elif not wide:
        footnote += " No intervals of the mean."
    if wide:
        footnote += f" {count(len(wide), 'interval')} of the mean, from under 1% to over 99%, left out: too wide to "
        footnote += "tell anything."
    if told["low"].drop_nulls().len() and any(label == "No theme" for _, label, _ in lines):
        footnote += " Of paragraphs with no theme there is no interval."
    if len(by_size) > most:
        footnote += f" Shown are the {most} of {count(len(by_size), 'document')} with the most paragraphs; the last "
        footnote += f"column is the mean of the other {len(by_size) - most:,}."
    rows: list[dict[str, Any]] = []
    for theme, label, members in lines:
        for document, document_label, of in cells:
            # A line without members is that of the paragraphs with no theme.
            share = over(members, of) if members else max(0.0, 1 - over(used, of))
            if document is None and theme:
                share = mean[theme]
            by_document = [(over(members, [d]) if members else max(0.0, 1 - over(used, [d]))) * sizes[d] for d in of]
            interval = means.get(theme, {}) if document is None and theme not in wide else {}
            rows.append(
                {
                    "theme": theme,
                    "label": label,
                    "document": document,
                    "document_label": document_label,
                    "n_paragraphs": round(sum(by_document)),
                    "share": share,
                    "low": interval.get("low"),
                    "high": interval.get("high"),
                    "footnote": footnote,
                }
            )
    return frame(rows, SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    import numpy as np
    import polars as pl
    from matplotlib.colors import LinearSegmentedColormap

    if data.is_empty():
        return nothing_to_draw("theme_shares_by_document", data, columns, "No paragraph has a theme.")
    caption = f"Themes by document, and the mean over documents. {data['footnote'][0]}"
    cells = data.filter(data["document"].is_not_null())
    mean = data.filter(data["document"].is_null())
    lines = mean["label"].to_list()
    names = cells["document_label"].head(cells.height // len(lines)).to_list()
    grid = cells["share"].to_numpy().reshape(len(lines), len(names)) * 100
    wide = columns == 2
    size = 7.0 if wide else 6.0
    many = wide and len(names) > 13
    label_width = (1.75 if many else 1.95) if wide else 0.98
    means_width = (1.15 if many else 1.9) if wide else 0.9
    cell_width = (WIDTHS[columns] - label_width - means_width) / len(names)
    steep = cell_width < 0.55 and len(names) > 1
    narrow = cell_width < 0.17
    # Turned names are as high as they are wide.
    name_size = min(size, 0.8 * 72 * cell_width) if narrow else size
    name_width = 1.6 if wide else 1.2
    words = labels_apart(names, name_width if steep else cell_width, name_size, 1 if steep else 3)
    above = max(text_width(line, name_size) for name in words for line in name.split("\n")) if steep else 0.0
    with styled(columns):
        height = max(1.35, 0.6 + above * (1.0 if narrow else 0.87)) + len(lines) * (0.235 if wide else 0.25)
        figure = page(columns, height, data["footnote"][0])
        # The grid gets what the names and the panel of means leave.
        left, right = figure.subplots(
            1,
            2,
            sharey=True,
            width_ratios=[WIDTHS[columns] - label_width - means_width, means_width - (0.15 if wide else 0)],
        )
        ramp = LinearSegmentedColormap.from_list("shares", ["#f7f9fb", "#9ecae1", SERIES[0], "#08306b"])
        # What is left of hundreds of themes would take all of the color, and all of the axis of means.
        own = mean["theme"].to_numpy() != ""
        top = max(20.0, float(grid[own].max(initial=0.0)), float(grid.max()) / _MUCH)
        left.pcolormesh(np.arange(len(names) + 1) - 0.5, np.arange(len(lines) + 1) - 0.5, grid, cmap=ramp, vmin=0,
                        vmax=top, edgecolors="white", linewidth=0.8)  # fmt: skip
        # Where the cells are too narrow for two digits, the colour alone must do, and a scale says what it means.
        if cell_width > 0.14:
            inside = SMALL if cell_width > 0.22 else 5.5 if cell_width > 0.17 else 5.0
            for i, j in np.argwhere(grid > 1e-6):
                left.text(j, i, f"{grid[i, j]:.0f}", size=inside, ha="center", va="center",
                          color="white" if grid[i, j] > 0.5 * top else INK)  # fmt: skip
        else:
            bar = figure.colorbar(left.collections[0], ax=left, location="bottom", aspect=30, shrink=0.8, pad=0.02)
            bar.set_label("share (%)", size=SMALL)
            bar.outline.set_visible(False)  # type: ignore[operator]
        if steep:
            turned = {"rotation": 90 if narrow else 60, "ha": "left", "rotation_mode": "anchor"}
        else:
            turned = {"rotation": 0, "ha": "center"}
        left.set_xticks(range(len(names)), words, **turned)
        left.xaxis.tick_top()
        left.set_yticks(range(len(lines)), [wrap(line, label_width, size, 2) for line in lines])
        left.set_ylim(len(lines) - 0.5, -0.5)
        for axes in (left, right):
            axes.tick_params(length=0, labelsize=size)
            for side in axes.spines.values():
                side.set_visible(False)
        left.tick_params(axis="x", labelsize=name_size)
        right.grid(axis="x", color="#eeeeee", linewidth=0.6)
        ends = mean.filter(own).select(pl.max_horizontal("share", "high")).to_series().drop_nulls()
        reach = 100 * float(ends.max()) if len(ends) else 0.0  # type: ignore[arg-type]
        for y, row in enumerate(mean.iter_rows(named=True)):
            value = row["share"] * 100
            if not row["theme"] and value > _MUCH * reach > 0:
                right.annotate(f"{value:.0f} →", (1, y), xycoords=("axes fraction", "data"), size=SMALL, color=GREY,
                               ha="right", va="center")  # fmt: skip
                continue
            if row["low"] is not None and row["high"] is not None:
                right.plot([row["low"] * 100, row["high"] * 100], [y, y], color=SERIES[0], linewidth=1.2, zorder=2)
            right.plot([value], [y], "o", color=SERIES[0] if row["theme"] else GREY, markersize=3.6, zorder=3)
        right.set_xlim(left=0)
        right.tick_params(axis="y", labelleft=False)
        right.set_xlabel("Mean over documents (%)" if wide and not many else "Mean (%)", size=size)
        finish(figure)
    return Plot("theme_shares_by_document", figure, data, caption, data["footnote"][0])
