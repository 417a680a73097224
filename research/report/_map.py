"""The map of paragraphs to look around in: hover shows the text, a box drawn zooms."""

from __future__ import annotations

import html
import textwrap
from typing import TYPE_CHECKING, Any

from research.figures._style import SERIES
from research.figures._text import clean, signed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["interactive_map"]

_IMAGE_ABOVE = 3_000
"""Above so many points, the browser draws on its graphics card."""
_LONGEST, _SHORTEST, _ALL = 700, 120, 3_000_000
"""Characters of a paragraph: at most, in any case, and of all paragraphs together, so that a page can be opened."""
_SYMBOLS = ("circle", "triangle-up")


def interactive_map(points: pl.DataFrame, paragraphs: pl.DataFrame, names: dict[str, str]) -> str:
    """Give the map as HTML with plotly inside.

    Parameters
    ----------
    points : polars.DataFrame
        The data of the figure ``theme_map``, so that both maps have the same colours.
    paragraphs : polars.DataFrame
        The run's table.
    names : dict
        A readable name for each document.

    Returns
    -------
    str
        A ``div`` and its scripts, with a fixed id; nothing is fetched.
    """
    import plotly.graph_objects as go

    columns = ["paragraph_id", "document_id", "text"]
    columns += [name for name in ("framing", "framing_low", "framing_high") if name in paragraphs.columns]
    wanted = points.join(paragraphs.select(columns), on="paragraph_id", how="left", maintain_order="left")
    series: list[int | None] = [*sorted(wanted["series"].drop_nulls().unique().to_list()), None]
    # The named themes first, as in the legend of the printed map; then the other themes, then none.
    series.sort(key=lambda one: (one is None, one == 0, one or 0))
    kind = go.Scattergl if points.height > _IMAGE_ABOVE else go.Scatter
    figure = go.Figure()
    longest = max(_SHORTEST, min(_LONGEST, _ALL // max(1, points.height)))
    for one in series:
        rows = wanted.filter(wanted["series"].is_null() if one is None else wanted["series"] == one)
        if rows.is_empty():
            continue
        marker: dict[str, Any] = {"size": 9 if points.height < 500 else 5, "line": {"width": 0.5, "color": "white"}}
        if one is None:
            marker |= {"symbol": "circle-open", "color": "#6b6b6b", "line": {"width": 1}}
        elif one == 0:
            marker |= {"color": "#c4c4c4"}
        else:
            marker |= {"color": SERIES[(one - 1) % len(SERIES)], "symbol": _SYMBOLS[(one - 1) // len(SERIES)]}
        name = "No theme" if one is None else "Other themes" if one == 0 else clean(rows["label"][0])
        figure.add_trace(
            kind(
                x=rows["x"].to_list(),
                y=rows["y"].to_list(),
                mode="markers",
                name=html.escape(name),
                marker=marker,
                hovertext=[_hover(row, names, longest) for row in rows.iter_rows(named=True)],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        template="none",
        autosize=True,
        height=620,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="white",
        plot_bgcolor="white",
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#1a1a1a"},
        hoverlabel={"align": "left", "bgcolor": "white", "bordercolor": "#6b6b6b", "font": {"color": "#1a1a1a"}},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0},
        hovermode="closest",
        dragmode="zoom",
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    return str(
        figure.to_html(
            full_html=False,
            include_plotlyjs=True,
            include_mathjax=False,
            div_id="map-of-paragraphs",
            default_width="100%",
            # Turning the wheel must go on scrolling the page.
            config={
                "displaylogo": False,
                "responsive": True,
                "scrollZoom": False,
                "modeBarButtons": [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
            },
        )
    )


def _hover(row: dict[str, Any], names: dict[str, str], longest: int) -> str:
    """Write what stands beside a point; plotly reads a little HTML, so the text's own is escaped."""
    text = clean(row["text"] or "")
    if len(text) > longest:
        text = text[:longest].rstrip() + "…"
    lines = textwrap.wrap(text, 76) or [""]
    name = html.escape(names.get(row["document_id"], row["document_id"]))
    head = f"<b>{name}</b> · {html.escape(row['paragraph_id'])}"
    about = f"Theme: {html.escape(clean(row['label'] or 'none'))}"
    if row.get("framing") is not None:
        about += f" · Framing: {signed(row['framing'])}"
        if row.get("framing_low") is not None and row.get("framing_high") is not None:
            about += f" ({signed(row['framing_low'])} to {signed(row['framing_high'])})"
    return "<br>".join([head, about, "", *(html.escape(line) for line in lines)])
