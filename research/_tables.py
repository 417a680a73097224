"""The schema of every table a run leaves: column names, types, ranges, and when a value may be missing.

The schemas stand here once; every run is checked against them, and the documentation is written from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from research.errors import TableError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Column",
    "GROUPINGS",
    "KINDS",
    "STANCES",
    "UNKNOWN",
    "axis_columns",
    "check_table",
    "columns_of",
    "estimates_schema",
    "stance_columns",
]

KINDS = ("title", "heading", "paragraph", "caption", "boilerplate", "repeat")
STANCES = ("favor", "against", "neutral", "absent")
# What makes groups of documents or paragraphs, beside the columns of metadata.
GROUPINGS = ("all", "document", "theme", "theme_document")
UNKNOWN = "unknown"  # an outlet, a date, a title or an address that nothing tells
THEME_SOURCES = ("codebook", "discovered")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
    type : {"text", "integer", "number", "flag"}
    meaning : str
        One clause for the documentation.
    nullable : bool
        Whether a value may be missing.
    low, high : float or None
        The closed range of a number.
    allowed : tuple of str
        The closed set of a text; empty for free text.
    """

    name: str
    type: str
    meaning: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()


_UNITS = (
    Column("document_id", "text", "the document"),
    Column("line", "integer", "the line among the document's non-empty lines, from 0", low=0),
    Column("kind", "text", "what the line is", allowed=KINDS),
    Column("reason", "text", "the rule and the evidence that decided"),
    Column("text", "text", "the whole line, as it was read"),
)

_PARAGRAPHS = (
    Column("paragraph_id", "text", "`<document_id>:<line>`"),
    Column("document_id", "text", "the document"),
    Column("outlet", "text", "the outlet, `unknown` where the document does not say"),
    Column("date", "text", "ISO date, `unknown` where the document does not say"),
    Column("position", "integer", "the paragraph's place among the document's paragraphs, from 0", low=0),
    Column("text", "text", "the paragraph"),
    Column("n_printed", "integer", "how often the document prints it", low=1),
    Column("duplicate_of", "text", "the paragraph of another document that it repeats", nullable=True),
    Column("theme", "text", "the primary theme; missing where none fits", nullable=True),
    Column("theme_source", "text", "where that theme comes from", nullable=True, allowed=THEME_SOURCES),
    Column("themes", "text", "all its themes, the primary first, then by strength, `;` between", nullable=True),
    Column("theme_probability", "number", "the primary theme's probability", nullable=True, low=0, high=1),
    Column(
        "theme_stability",
        "number",
        "share of reruns that leave it with its discovered theme; missing for a codebook's and for new paragraphs",
        nullable=True,
        low=0,
        high=1,
    ),
    Column("outlier", "flag", "whether it is unlike every theme and near to no other paragraph"),
    Column("evidence", "text", "the sentence that speaks most for the primary theme", nullable=True),
    Column(
        "framing",
        "number",
        "framing score: +1 positive pole, 0 plain reports, -1 negative pole",
        nullable=True,
        low=-1,
        high=1,
    ),
    Column("framing_low", "number", "lower end of its interval (anchors, sentences)", nullable=True, low=-1, high=1),
    Column("framing_high", "number", "upper end of its interval", nullable=True, low=-1, high=1),
    Column("framing_positive_pole", "number", "how far toward the positive pole alone", nullable=True, low=0, high=1),
    Column("framing_negative_pole", "number", "how far toward the negative pole alone", nullable=True, low=0, high=1),
)

_THEMES = (
    Column("theme", "text", "the theme's name"),
    Column("source", "text", "codebook or discovered", allowed=THEME_SOURCES),
    Column("label", "text", "its readable name"),
    Column("n_paragraphs", "integer", "paragraphs that have it among their themes", low=0),
    Column("n_documents", "integer", "documents with such a paragraph", low=0),
    Column(
        "share",
        "number",
        "mean over documents of the share of paragraphs whose primary theme it is",
        nullable=True,
        low=0,
        high=1,
    ),
    Column("share_low", "number", "lower end of its interval over documents", nullable=True, low=0, high=1),
    Column("share_high", "number", "upper end of its interval over documents", nullable=True, low=0, high=1),
    Column("recovery", "number", "how much of it comes back when the data are resampled", nullable=True, low=0, high=1),
    Column("keywords", "text", "its keywords, strongest first, `;` between"),
    Column("representatives", "text", "paragraph ids: the most typical, or the nearest if unsupported; `;` between"),
    Column("supported", "flag", "whether the corpus holds enough evidence for it"),
    Column("parent", "text", "the coarser theme it belongs to", nullable=True),
)

_KEYWORDS = (
    Column("theme", "text", "the theme"),
    Column("rank", "integer", "from 1", low=1),
    Column("keyword", "text", "a word or phrase"),
    Column("weight", "number", "how much more the theme's paragraphs have it than others (Jensen-Shannon)", low=0),
)

_HIERARCHY = (
    Column("level", "text", "how fine the group is", allowed=("coarser", "theme", "finer")),
    Column("name", "text", "the group's name"),
    Column("label", "text", "its readable name"),
    Column("parent", "text", "the group one level up that most of its paragraphs are in", nullable=True),
    Column("n_paragraphs", "integer", "how many paragraphs it has as their primary theme", low=0),
)

_LABEL_GAIN = (
    Column("measure", "text", "what labels by hand improve, on documents not learnt from"),
    Column("without", "number", "its value by the codebook alone", nullable=True, low=0, high=1),
    Column("with_labels", "number", "its value with the labels", nullable=True, low=0, high=1),
    Column("difference", "number", "what the labels add", nullable=True, low=-1, high=1),
    Column("low", "number", "lower end of its 95% interval; none below 5 documents", nullable=True, low=-1, high=1),
    Column("high", "number", "upper end of its interval", nullable=True, low=-1, high=1),
    Column("n_paragraphs", "integer", "labelled paragraphs", low=0),
    Column("n_documents", "integer", "documents they are from", low=0),
)

_VALIDITY = (
    Column("axis", "text", "the axis that is checked"),
    Column("check", "text", "what is checked: by its anchors, on this corpus's texts, by labels"),
    Column("value", "number", "what was found; missing where it cannot be computed", nullable=True),
    Column("low", "number", "lower end of its interval over documents (subjects for anchors)", nullable=True),
    Column("high", "number", "upper end of its interval", nullable=True),
    Column("n", "integer", "how many texts, anchors, subjects or shuffles it rests on", low=0),
    Column("gate", "text", "what the value is asked to be; missing where nothing is asked", nullable=True),
    Column("passed", "flag", "whether it is; missing without a gate or a value", nullable=True),
    Column("note", "text", "what a failure means, and how the value was found", nullable=True),
)

_MAP = (
    Column("paragraph_id", "text", "the paragraph"),
    Column("x", "number", "horizontal place on the map (no unit)"),
    Column("y", "number", "vertical place on the map (no unit)"),
)

_ESTIMATES = (
    Column(
        "quantity",
        "text",
        "what is estimated; framing_intensity is the mean distance from 0, whichever the pole, the two poles are the "
        "means of how far texts go toward each alone, and axis is a further axis",
        allowed=(
            "framing",
            "framing_intensity",
            "framing_positive_pole",
            "framing_negative_pole",
            "axis",
            "stance",
            "theme_share",
        ),
    ),
    Column("theme", "text", "the theme it is about", nullable=True),
    Column("target", "text", "the target of a stance, or the name of a further axis", nullable=True),
    Column("group_by", "text", "what makes the groups: all, document, theme, theme_document, or a metadata column"),
    Column("group", "text", "the group"),
    Column("reference", "text", "what it is held against, rest or neutral (0); missing for none", nullable=True),
    Column("n_documents", "integer", "documents in the group", low=0),
    Column("n_clusters", "integer", "clusters of them; missing where none were named", nullable=True, low=0),
    Column("n_paragraphs", "integer", "paragraphs in the group", low=0),
    Column("estimate", "number", "mean, share or difference of means", nullable=True),
    Column("low", "number", "lower end of the interval", nullable=True),
    Column("high", "number", "upper end of the interval", nullable=True),
    Column("p", "number", "two-sided p of a comparison, over documents", nullable=True, low=0, high=1),
    Column("q", "number", "p after Benjamini-Hochberg within quantity and group_by", nullable=True, low=0, high=1),
    Column("method", "text", "how the estimate and the interval were computed"),
    Column("uncertainty_sources", "text", "what the interval covers: anchors, sentences, documents; `;` between"),
    Column("note", "text", "why something is missing or must not be over-read", nullable=True),
)

_SCHEMAS: dict[str, tuple[Column, ...]] = {
    "units": _UNITS,
    "paragraphs": _PARAGRAPHS,
    "themes": _THEMES,
    "keywords": _KEYWORDS,
    "hierarchy": _HIERARCHY,
    "label_gain": _LABEL_GAIN,
    "map": _MAP,
    "validity": _VALIDITY,
    "estimates": _ESTIMATES,
}


def stance_columns(target: str) -> tuple[Column, ...]:
    """Give the four columns that `paragraphs` has for one target."""
    name = f"stance_{target}"
    return (
        Column(name, "text", f"stance toward {target}", allowed=STANCES),
        Column(f"{name}_score", "number", "+1 favor, -1 against; missing where absent", nullable=True, low=-1, high=1),
        Column(f"{name}_low", "number", "lower end of its interval", nullable=True, low=-1, high=1),
        Column(f"{name}_high", "number", "upper end of its interval", nullable=True, low=-1, high=1),
    )


def axis_columns(axis: str) -> tuple[Column, ...]:
    """Give the three columns that `paragraphs` has for one further axis."""
    name = f"axis_{axis}"
    return (
        Column(name, "number", f"score on the axis {axis}: +1 positive pole, -1 negative pole", low=-1, high=1),
        Column(
            f"{name}_low", "number", "lower end of its interval (anchors, sentences; or statements)", low=-1, high=1
        ),
        Column(f"{name}_high", "number", "upper end of its interval", low=-1, high=1),
    )


def columns_of(table: str, targets: Sequence[str] = (), axes: Sequence[str] = ()) -> tuple[Column, ...]:
    """Give a table's columns in their order; `paragraphs` has three more an axis, then four more a target."""
    columns = _SCHEMAS[table]
    if table == "paragraphs":
        for axis in axes:
            columns += axis_columns(axis)
        for target in targets:
            columns += stance_columns(target)
    return columns


def check_table(table: str, frame: pl.DataFrame, targets: Sequence[str] = (), axes: Sequence[str] = ()) -> None:
    """Hold a table against its schema.

    Raises
    ------
    TableError
        Naming the table, the column, and the first value that is not allowed.
    """
    import polars as pl

    types = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "flag": pl.Boolean}
    columns = columns_of(table, targets, axes)
    expected = [column.name for column in columns]
    if frame.columns != expected:
        raise TableError(f"table `{table}` has the columns {frame.columns}; its schema says {expected}")
    for column in columns:
        values = frame.get_column(column.name)
        where = f"table `{table}`, column `{column.name}`"
        if values.dtype != types[column.type]:
            raise TableError(f"{where} has type {values.dtype}; its schema says {types[column.type]}")
        if not column.nullable and values.null_count():
            raise TableError(f"{where} has {values.null_count()} missing value(s); none may be missing")
        present = values.drop_nulls()
        if column.type == "number" and not present.is_finite().all():
            raise TableError(f"{where} has a value that is not finite; use a missing value instead")
        if column.allowed:
            wrong = present.filter(~present.is_in(list(column.allowed)))
            if len(wrong):
                raise TableError(f"{where} has {wrong[0]!r}; allowed are {', '.join(column.allowed)}")
        if column.low is not None and (wrong := present.filter(present < column.low)).len():
            raise TableError(f"{where} has {wrong[0]}, below its least value {column.low}")
        if column.high is not None and (wrong := present.filter(present > column.high)).len():
            raise TableError(f"{where} has {wrong[0]}, above its greatest value {column.high}")


def estimates_schema() -> dict[str, pl.DataType]:
    """Give the polars types of the `estimates` table, to build an empty one from."""
    import polars as pl

    types = {"text": pl.String(), "integer": pl.Int64(), "number": pl.Float64(), "flag": pl.Boolean()}
    return {column.name: types[column.type] for column in _ESTIMATES}
