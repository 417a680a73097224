"""What several figures take from the tables: readable labels, notes, and the words for who was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from research._tables import UNKNOWN
from research.errors import InputError
from research.figures._text import clean, count

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "NOTABLE",
    "counted",
    "covers",
    "document_labels",
    "document_names",
    "frame",
    "groups_by",
    "need",
    "no_comparison",
    "none_shown",
    "notes",
    "sources",
    "stands_apart",
    "targets_of",
    "tells_nothing",
    "tested",
    "theme_labels",
]

NOTABLE = 0.05
"""A corrected p below it is called a difference."""
_TITLE = 60
"""Letters of a title that a sentence has room for."""


def need(table: pl.DataFrame, name: str, columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    InputError
        Naming the table and the columns it lacks.
    """
    if not type(table).__module__.startswith("polars"):
        kind = f"{type(table).__module__.partition('.')[0]} {type(table).__name__}"
        raise InputError(f"table `{name}` is a {kind}; give a polars frame, as polars.from_pandas makes one")
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise InputError(f"table `{name}` lacks the column(s) {', '.join(lacking)}; it has {', '.join(table.columns)}")


def frame(rows: Sequence[dict[str, Any]], schema: dict[str, str]) -> pl.DataFrame:
    """Make the data of a figure from its rows; the types are named text, integer and number."""
    import polars as pl

    types: dict[str, Any] = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64}
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in schema}, schema={k: types[v] for k, v in schema.items()}
    )


def counted(n_paragraphs: int, n_documents: int) -> str:
    """Say how many paragraphs of how many documents.

    Examples
    --------
    >>> counted(63, 5)
    'n = 63 paragraphs, 5 documents'
    """
    return f"n = {count(n_paragraphs, 'paragraph')}, {count(n_documents, 'document')}"


def document_labels(*tables: pl.DataFrame | None) -> dict[str, str]:
    """Name each document by its outlet and its id, by outlet and date where outlets repeat, else by its id alone.

    Parameters
    ----------
    *tables : polars.DataFrame or None
        With ``document_id`` and, where known, ``outlet`` and ``date``; the first that names a document decides.

    Returns
    -------
    dict
        One label a document, no two alike.
    """
    known: dict[str, tuple[str, str]] = {}
    for table in tables:
        if table is None:
            continue
        columns = [column for column in ("document_id", "outlet", "date") if column in table.columns]
        for row in table.select(columns).unique().sort(columns).iter_rows(named=True):
            outlet, date = (clean(str(row.get(key) or UNKNOWN)) for key in ("outlet", "date"))
            known.setdefault(row["document_id"], (outlet, date))
    outlets = Counter(outlet for outlet, _ in known.values())
    both = Counter(known.values())
    labels = {}
    for document, (outlet, date) in known.items():
        if outlet == UNKNOWN:
            labels[document] = clean(document)
        elif outlets[outlet] > 1 and date != UNKNOWN and both[outlet, date] == 1:
            labels[document] = f"{outlet}, {date}"
        else:
            labels[document] = f"{outlet} ({clean(document)})"
    return labels


def document_names(*tables: pl.DataFrame | None) -> dict[str, str]:
    """Name each document in a sentence: by its title, shortened, and its id, or by its label where it has no title.

    Parameters
    ----------
    *tables : polars.DataFrame or None
        As for `document_labels`, with ``title`` where it is known.

    Returns
    -------
    dict
        One name a document, quoted, no two alike.
    """
    names = {document: f"“{label}”" for document, label in document_labels(*tables).items()}
    for table in tables:
        if table is None or "title" not in table.columns:
            continue
        for document, title in table.select("document_id", "title").unique().sort("document_id").iter_rows():
            title = clean(title or "")
            if title and title != UNKNOWN:
                cut = title if len(title) <= _TITLE else f"{title[:_TITLE].rsplit(' ', 1)[0].rstrip(' ,;:-')}…"
                names[document] = f"“{cut}” ({clean(document)})"
    return names


def groups_by(column: str) -> str:
    """Name the groups that a metadata column makes.

    Examples
    --------
    >>> groups_by("outlet"), groups_by("party")
    ('outlets', 'groups by party')
    """
    return "outlets" if column == "outlet" else f"groups by {clean(column)}"


def tested(estimates: pl.DataFrame, column: str, quantity: str) -> pl.DataFrame:
    """Give the comparisons of a column's groups with the rest that a test could be made of."""
    return estimates.filter(
        (estimates["quantity"] == quantity)
        & (estimates["group_by"] == column)
        & estimates["reference"].is_not_null()
        & estimates["theme"].is_null()
        & estimates["q"].is_not_null()
    )


def stands_apart(row: Mapping[str, Any]) -> bool:
    """Whether a comparison counts as shown: after correction, and by its interval, which covers more than the test."""
    if row["q"] is None or row["low"] is None or row["high"] is None:
        return False
    return bool(row["q"] < NOTABLE and (row["low"] > 0 or row["high"] < 0))


def none_shown(estimates: pl.DataFrame, column: str, quantity: str) -> str:
    """Say that no group was shown to differ, or that no test could have shown it."""
    groups, n = groups_by(column), tested(estimates, column, quantity).height
    if n:
        return (
            f"No difference in {quantity} between {groups} was shown: corrected for {count(n, 'comparison')}, none has "
            "a q below .05 and an interval that leaves out 0."
        )
    clustered = "n_clusters" in estimates.columns and estimates["n_clusters"].is_not_null().any()
    units = "clusters of documents" if clustered else "documents"
    return f"There are too few {units} of the {groups} for a test that could show a difference in {quantity}."


def no_comparison(estimates: pl.DataFrame, column: str, quantity: str) -> str | None:
    """Say in a sentence why the groups of a metadata column cannot be compared, or nothing where they can.

    Parameters
    ----------
    estimates : polars.DataFrame
        The run's table.
    column : str
        What makes the groups, for example ``outlet``.
    quantity : str
        Of which estimates; documents without it do not count.

    Returns
    -------
    str or None
        None where at least two known groups have two or more documents each.
    """
    rows = estimates.filter(
        (estimates["quantity"] == quantity) & (estimates["group_by"] == column) & estimates["reference"].is_null()
    )
    name, groups = clean(column), groups_by(column)
    # Of stances each target, of shares each theme has a row.
    found: dict[str, int] = {}
    for row in rows.filter(rows["n_documents"] > 0).iter_rows(named=True):
        found[row["group"]] = max(found.get(row["group"], 0), row["n_documents"])
    unsaid = found.pop(UNKNOWN, 0)
    alone = estimates.filter(
        (estimates["quantity"] == quantity) & (estimates["group_by"] == "document") & estimates["reference"].is_null()
    )
    silenced = alone.filter(alone["n_documents"] == 0)["group"].n_unique() if quantity == "framing" else 0
    only = f" (documents that only repeat others of their {name} do not count)" if silenced else ""
    several = [group for group, n in found.items() if n > 1]
    if len(several) > 1:
        return None
    if not found:
        return f"No document names its {name}, so {groups} cannot be compared."
    does, its = ("does", "its") if unsaid == 1 else ("do", "their")
    silent = f" ({count(unsaid, 'document')} {does} not name {its} {name})" if unsaid else ""
    if len(found) == 1:
        return f"Only one {name} is known{silent}{only}: {groups} cannot be compared."
    if not several:
        return f"One document of each {name}{silent}{only}: {groups} cannot be compared."
    return (
        f"Only one {name}, “{clean(several[0])}”, has two or more documents{silent}{only}: {groups} cannot be "
        "compared, since one document does not tell how far others would differ."
    )


def theme_labels(themes: pl.DataFrame | None) -> dict[str, str]:
    """Give each theme's readable label."""
    if themes is None:
        return {}
    need(themes, "themes", ["theme", "label"])
    pairs = zip(themes["theme"].to_list(), themes["label"].to_list(), strict=True)
    return {theme: clean(label) or theme for theme, label in pairs}


def targets_of(paragraphs: pl.DataFrame) -> list[str]:
    """Name the targets that a paragraphs table has stances toward, in its order."""
    ends = ("_score", "_low", "_high")
    return [
        name.removeprefix("stance_")
        for name in paragraphs.columns
        if name.startswith("stance_") and all(name + end in paragraphs.columns for end in ends)
    ]


def notes(estimates: pl.DataFrame, noun: str, most: int = 2) -> str:
    """Join the distinct notes of some estimates, the most frequent first, each with the number that it is about."""
    found = Counter(clean(note) for note in estimates["note"].drop_nulls().to_list() if clean(note))
    ranked = sorted(found, key=lambda note: (-found[note], note))
    said = []
    for note in ranked[:most]:
        all_of_them = found[note] == estimates.height
        about = note if all_of_them else f"{found[note]:,} of {count(estimates.height, noun)}: {note}"
        said.append(about[0].upper() + about[1:].rstrip(".") + ".")
    if len(ranked) > most:
        said.append(f"({count(len(ranked) - most, 'further note')} in the table of estimates.)")
    return " ".join(said)


def covers(estimates: pl.DataFrame, confidence: float) -> str:
    """Say what the intervals of some estimates cover."""
    drawn = estimates.filter(estimates["low"].is_not_null() & estimates["high"].is_not_null())
    if drawn.is_empty():
        return "No intervals: too little to compute them from."
    cells = Counter(drawn["uncertainty_sources"].to_list())
    ranked = sorted(cells, key=lambda cell: (-cells[cell], cell))
    words = f"Bars: {100 * confidence:g}% intervals"
    if what := sources(ranked[0]):
        words += f" over {what}"
    # Groups of one document cover less than the others.
    others = [f"{cells[cell]:,} over {what} only" for cell in ranked[1:] if (what := sources(cell))]
    return words + (f" ({', '.join(others)})." if others else ".")


def tells_nothing(low: float | None, high: float | None) -> bool:
    """Whether a share's interval spans nearly everything that a share can be."""
    return low is not None and high is not None and low < 0.01 and high > 0.99


def sources(cell: str) -> str:
    """Write a cell of ``uncertainty_sources`` in words.

    Examples
    --------
    >>> sources("anchors;sentences;documents"), sources("anchors"), sources("none")
    ('example texts, sentences and documents', 'example texts', '')
    """
    found = [source for part in cell.split(";") if (source := clean(part)) and source != "none"]
    # “Anchors” is explained only further down in a report.
    found = ["example texts" if source == "anchors" else source for source in found]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
