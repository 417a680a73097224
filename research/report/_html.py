"""The report: one HTML file that opens offline."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from research.figures import Plot, theme_map
from research.figures._tables import document_labels, targets_of
from research.figures._text import count
from research.report._map import interactive_map

if TYPE_CHECKING:
    import polars as pl

__all__ = ["build_report"]

_MOST_ROWS = 2_000
_KINDS = {
    **dict.fromkeys(("text", "evidence", "keywords", "reason", "note", "method", "representatives"), "long"),
    **dict.fromkeys(("label", "theme", "group", "check"), "name"),
}
"""How wide a column of text is at least."""
_HEADINGS = {
    "theme_map": "Map of paragraphs",
    "theme_shares_by_document": "Themes by document",
    "framing_by_document": "Framing by document",
    "framing_by_outlet": "Framing by outlet",
    "framing_by_theme": "Framing by theme",
    "article_lines": "Framing along each article",
    "stance_by_target": "Stance by target",
    "stance_by_document": "Stance by document",
    "keywords_by_theme": "Keywords by theme",
}


def build_report(
    *,
    title: str,
    tables: Mapping[str, pl.DataFrame],
    plots: Sequence[Plot],
    findings: Sequence[str],
    methods: str,
    provenance: Mapping[str, Any],
    notes: Sequence[str],
    repeats: Literal["once", "printed"] = "once",
) -> str:
    """Write the report of a run as one HTML file.

    Parameters
    ----------
    title : str
    tables : mapping of str to polars.DataFrame
        The run's tables; any may be missing. Of a table with more than 2,000 rows the first 2,000 are shown, and the
        page says so.
    plots : sequence of Plot
        In the order in which they are shown.
    findings : sequence of str
        What the report leads with.
    methods : str
        The methods paragraph.
    provenance : mapping
        Hashes and versions by name, in any depth; no times, hosts or paths.
    notes : sequence of str
        What the corpus cannot say.
    repeats : {"once", "printed"}, default "once"
        How paragraphs that repeat another document's counted, which the page says beside their number.

    Returns
    -------
    str
        HTML that loads nothing from anywhere; the same for the same input. All text of the corpus is shown as text.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("research.report", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["coded"] = _coded
    paragraphs = tables.get("paragraphs")
    return environment.get_template("template.html.j2").render(
        title=title,
        counted="" if paragraphs is None else _counted(paragraphs, repeats),
        findings=list(findings),
        notes=list(notes),
        plots=[
            {
                "name": plot.name,
                "heading": _HEADINGS.get(plot.name, plot.name.replace("_", " ").capitalize()),
                "caption": plot.caption,
                # What is written on the figure need not be read twice.
                "beside": plot.caption.removesuffix(plot.note).strip(),
                # As an image its ids cannot meet those of another figure, and nothing in it can run.
                "source": "data:image/svg+xml;base64," + base64.b64encode(plot.render("svg", dpi=150)).decode("ascii"),
            }
            for plot in plots
        ],
        map=_map(tables, plots),
        cards=_cards(tables.get("validity")),
        tables=[table for name in ("themes", "hierarchy", "label_gain", "estimates", "keywords", "paragraphs", "units")
                if (table := _table(name, tables)) is not None],
        methods=methods,
        provenance=_flat(provenance),
    )  # fmt: skip


def _counted(paragraphs: pl.DataFrame, repeats: Literal["once", "printed"]) -> str:
    """Say how many paragraphs there are, and why a figure's n may be another number."""
    n_documents = paragraphs["document_id"].n_unique()
    said = f"{count(paragraphs.height, 'paragraph')} of {count(n_documents, 'document')}"
    again = 0
    if "duplicate_of" in paragraphs.columns:
        again = paragraphs.height - paragraphs["duplicate_of"].null_count()
    if not again:
        return said
    if repeats == "printed":
        return f"{said}; {again:,} of them repeat a paragraph of another document and count as well"
    does = "repeats a paragraph of another document and is" if again == 1 else (
        "repeat a paragraph of another document and are"
    )  # fmt: skip
    return (
        f"{said}; {again:,} of them {does} not counted again, so shares and means rest on {paragraphs.height - again:,}"
    )


def _coded(text: str) -> str:
    """Give text, escaped, with what stands between backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _map(tables: Mapping[str, pl.DataFrame], plots: Sequence[Plot]) -> Any:
    """Give the interactive map, marked as safe: plotly escapes what could end a script."""
    from markupsafe import Markup

    paragraphs, places = tables.get("paragraphs"), tables.get("map")
    if paragraphs is None or places is None or places.is_empty():
        return None
    drawn = [plot for plot in plots if plot.name == "theme_map"]
    points = (drawn[0] if drawn else theme_map(paragraphs, places, tables.get("themes"))).data
    if points.is_empty():
        return None
    return Markup(interactive_map(points, paragraphs, document_labels(tables.get("documents"), paragraphs)))


def _table(name: str, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any] | None:
    """Arrange a table for the page: headings with their meaning, cells with what they are sorted by."""
    frame = tables.get(name)
    if frame is None or frame.is_empty():
        return None
    from research._tables import columns_of

    columns = [column for column in _shown(name, frame) if column in frame.columns]
    known = {column.name: column.meaning for column in columns_of(name, targets_of(frame), _axes_of(frame))}
    head = [
        {
            "name": column.replace("_", " "),
            "meaning": known.get(column, ""),
            "kind": "number" if frame[column].dtype.is_numeric() else _KINDS.get(column, ""),
        }
        for column in columns
    ]
    rows = [[_cell(value) for value in row] for row in frame.select(columns).head(_MOST_ROWS).iter_rows()]
    return {
        "name": name,
        "heading": name.capitalize(),
        "head": head,
        "rows": rows,
        "total": frame.height,
        "cut": frame.height > len(rows),
        "open": name == "themes",
    }


def _cards(validity: pl.DataFrame | None) -> list[dict[str, Any]]:
    """Arrange each axis's validity card: what failed in plain sentences, and the table of its checks."""
    if validity is None or validity.is_empty():
        return []
    cards = []
    for axis in validity["axis"].unique(maintain_order=True).to_list():
        card = validity.filter(validity["axis"] == axis)
        table = _table("validity", {"validity": card})
        assert table is not None
        judged = card["passed"].drop_nulls()
        failed = card.filter(~card["passed"]).to_dicts()
        cards.append(
            {
                "axis": axis,
                "passed": f"{int(judged.sum())} of {count(len(judged), 'check')} passed.",
                "failed": [_failure(row) for row in failed],
                "table": {**table, "heading": f"Checks of {axis}", "open": bool(failed)},
            }
        )
    return cards


def _failure(row: Mapping[str, Any]) -> str:
    """Say in a sentence which check failed, by how much, and what that means."""
    sentence = f"{row['check'][0].upper()}{row['check'][1:]} is {row['value']:.2f}, where {row['gate']} is asked"
    return (f"{sentence}: {row['note']}." if row["note"] else f"{sentence}.").replace("-0", "−0")


def _axes_of(frame: pl.DataFrame) -> list[str]:
    """Name the further axes that a paragraphs table has scores on, in its order."""
    return [
        name.removeprefix("axis_")
        for name in frame.columns
        if name.startswith("axis_") and all(name + end in frame.columns for end in ("_low", "_high"))
    ]


def _shown(name: str, frame: pl.DataFrame) -> list[str]:
    """Choose the columns: what a reader wants first, and not what the page shows already."""
    if name == "themes":
        return ["label", "source", "n_paragraphs", "n_documents", "share", "share_low", "share_high", "recovery",
                "supported", "keywords"]  # fmt: skip
    if name == "paragraphs":
        stances = [f"stance_{target}" for target in targets_of(frame)]
        axes = [f"axis_{axis}" for axis in _axes_of(frame)]
        return ["paragraph_id", "outlet", "theme", "framing", "framing_low", "framing_high", *axes, *stances, "text"]
    if name == "validity":
        return [column for column in frame.columns if column != "axis"]  # each card has its own heading
    if name == "estimates":
        return [column for column in frame.columns if frame[column].null_count() < frame.height]
    return frame.columns


def _cell(value: Any) -> dict[str, str]:
    """Give what a cell shows and, for a number, what it sorts by."""
    if value is None:
        return {"show": "–", "sort": ""}
    if isinstance(value, bool):
        return {"show": "yes" if value else "no", "sort": str(int(value))}
    if isinstance(value, float):
        return {"show": f"{value:.3f}".replace("-", "−"), "sort": repr(value)}
    if isinstance(value, int):
        return {"show": f"{value:,}", "sort": str(value)}
    return {"show": str(value), "sort": str(value)}


def _flat(facts: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Write nested facts as lines of name and value, in the order given."""
    lines: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = f"{before} · {key}" if before else str(key)
        if isinstance(value, Mapping):
            lines += _flat(value, name)
        elif isinstance(value, list | tuple):
            lines.append((name, ", ".join(str(item) for item in value)))
        elif value is not None:
            lines.append((name, str(value)))
    return lines
