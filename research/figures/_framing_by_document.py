"""How each document frames its subject, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.figures._intervals import SCHEMA, axis_words, forest, height_of
from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import styled
from research.figures._tables import counted, covers, document_labels, frame, need, notes
from research.figures._text import count

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "framing_by_document"]

_ALL_SHOWN = 36
_EACH_END = 14


def framing_by_document(
    estimates: pl.DataFrame,
    documents: pl.DataFrame | None = None,
    *,
    poles: tuple[str, str] = ("analytical", "celebratory"),
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw the mean framing score of each document with its interval, the highest on top.

    Above 36 documents only the 14 highest and the 14 lowest are named; the others are one grey band.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table; rows of ``framing`` by ``document`` and ``all`` are drawn.
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
    return draw(data(estimates, documents, poles, confidence), columns)


def data(
    estimates: pl.DataFrame, documents: pl.DataFrame | None, poles: tuple[str, str], confidence: float
) -> pl.DataFrame:
    """Give the numbers drawn."""
    need(estimates, "estimates", ["quantity", "theme", "group_by", "group", "estimate", "low", "high", "note"])
    framing = estimates.filter((estimates["quantity"] == "framing") & estimates["theme"].is_null())
    levels = framing.filter(framing["reference"].is_null())
    each = levels.filter((levels["group_by"] == "document") & levels["estimate"].is_not_null())
    each = each.sort(["estimate", "group"], descending=[True, False])
    labels = document_labels(documents)
    rows: list[dict[str, Any]] = [
        {**row, "key": row["group"], "label": labels.get(row["group"], row["group"]), "row": "one"}
        for row in each.iter_rows(named=True)
    ]
    left_out = ""
    if len(rows) > _ALL_SHOWN:
        between = each.slice(_EACH_END, each.height - 2 * _EACH_END)
        others = {
            "label": f"{between.height:,} documents between",
            "row": "others",
            "n_paragraphs": between["n_paragraphs"].sum(),
            "n_documents": between.height,
            "estimate": between["estimate"].mean(),
            "low": between["estimate"].quantile(0.05, "linear"),
            "high": between["estimate"].quantile(0.95, "linear"),
        }
        left_out = (
            f"Of {count(each.height, 'document')}, the {_EACH_END} highest and the {_EACH_END} lowest are named; the "
            f"grey band is the 5th to 95th percentile of the others' scores. "
        )
        rows = [*rows[:_EACH_END], others, *rows[-_EACH_END:]]
    everything = levels.filter(levels["group_by"] == "all").head(1)
    rows += [{**row, "key": "all", "label": "All documents", "row": "all"} for row in everything.iter_rows(named=True)]
    # Each interval of a document is about measurement; that of all documents is over documents too.
    own = covers(each, confidence)
    joint = covers(everything, confidence).replace("Bars", "All documents") if not everything.is_empty() else ""
    words = f"{notes(each, 'document')} {notes(everything, 'corpus')}"
    footnote = (
        f"{counted(int(each['n_paragraphs'].sum()), each.height)}. "
        f"{own if own != joint.replace('All documents', 'Bars') else ''} {joint} {left_out}{words}"
    )
    rows = rows or [{"label": "no document", "row": "none"}]
    fixed = {"axis": axis_words(poles), "footnote": " ".join(footnote.split())}
    return frame([{**row, **fixed} for row in rows], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    if data["estimate"].drop_nulls().is_empty():
        return nothing_to_draw("framing_by_document", data, columns, "No document has a framing score.")
    caption = f"Mean framing score by document. {data['footnote'][0]}"
    with styled(columns):
        figure = page(columns, height_of(data, columns), data["footnote"][0])
        forest(figure.add_subplot(), data, columns)
        finish(figure)
    return Plot("framing_by_document", figure, data, caption, data["footnote"][0])
