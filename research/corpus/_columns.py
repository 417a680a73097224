"""What the cells of a table's columns say: texts, ids, metadata and whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from research._tables import UNKNOWN
from research.corpus._decode import refuse_endless_line, refuse_half_characters
from research.corpus._files import Table
from research.corpus._metadata import FIELDS, as_text, iso_date
from research.corpus._text import clean
from research.errors import CorpusError

__all__ = ["check_text_column", "id_column_of", "ids_of", "row_metadata", "whole_number"]

# So that the sum of a table's such numbers is one that a table can hold.
_MOST = 1_000_000_000


def id_column_of(table: Table, id_column: str, rows: Literal["documents", "paragraphs"]) -> str | None:
    """Say which column holds the documents' ids; nothing where there is none.

    Raises
    ------
    CorpusError
        If a column asked for is not there, or two columns hold different ids.
    """
    if id_column != "id" and id_column not in table.columns:
        names = ", ".join(f"`{name}`" for name in table.columns)
        raise CorpusError(
            f"{table.name} has no column `{id_column}`; its columns are {names}: name the one with the ids"
        )
    there = [name for name in dict.fromkeys((id_column, "document_id")) if name in table.columns]
    if len(there) < 2:
        return there[0] if there else None
    if rows == "paragraphs" and id_column == "id":
        return "document_id"  # `id` may well be the row's own
    for row, (own, other) in enumerate(zip(table.columns[id_column], table.columns["document_id"], strict=True)):
        if as_text(own) != as_text(other):
            raise CorpusError(
                f"{table.name}: row {row} (from 0) has {own!r} in `{id_column}` and {other!r} in `document_id`, so its "
                "document is not known; rename one of the columns, or give id_column='document_id'"
            )
    return id_column


def check_text_column(table: Table, text: str) -> None:
    if text not in table.columns:
        names = ", ".join(f"`{name}`" for name in table.columns) or "none"
        raise CorpusError(f"{table.name} has no column `{text}`; its columns are {names}: name the one with the text")
    if not table.n_rows:
        raise CorpusError(f"{table.name} has no rows; give a table with at least one")
    for row, cell in enumerate(table.columns[text]):
        if _is_empty(cell):
            more = sum(map(_is_empty, table.columns[text][row + 1 :]))
            raise CorpusError(
                f"{table.name}: row {row} (from 0) has no text in column `{text}`"
                + (f", nor have {more:,} further rows; fill or remove them" if more > 1 else "")
                + (", nor has 1 further row; fill or remove both" if more == 1 else "")
                + ("; fill it or remove the row" if not more else "")
            )
        if not isinstance(cell, str):
            raise CorpusError(
                f"{table.name}: row {row} (from 0) has {cell!r}, a {type(cell).__name__}, in column `{text}`; use text"
            )
        refuse_endless_line(cell, f"{table.name}: row {row} (from 0), column `{text}`")
    for name, column in table.columns.items():
        refuse_half_characters(name, f"{table.name}: the name of column {name!r}")
        for row, cell in enumerate(column):
            if isinstance(cell, str):
                refuse_half_characters(cell, f"{table.name}: row {row} (from 0), column `{name}`,")


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not clean(cell))


def ids_of(table: Table, column: str) -> list[str]:
    ids = [as_text(value) for value in table.columns[column]]
    for row, (name, value) in enumerate(zip(ids, table.columns[column], strict=True)):
        if name == UNKNOWN and value != UNKNOWN:
            raise CorpusError(f"{table.name}: row {row} (from 0) has no id in column `{column}`; fill it")
    return ids


def row_metadata(table: Table, row: int, leave_out: Iterable[str]) -> dict[str, str]:
    values = dict.fromkeys(FIELDS, UNKNOWN)
    for name, column in table.columns.items():
        if name in leave_out:
            continue
        values[name] = (
            iso_date(column[row], f"{table.name}, row {row} (from 0)", CorpusError)
            if name == "date"
            else as_text(column[row])
        )
    return values


def whole_number(table: Table, column: str, row: int, least: int) -> int | None:
    """Give a whole number of a table; None where the column or the value is missing."""
    cell = table.columns[column][row] if column in table.columns else None
    if cell is None:
        return None
    try:
        value = int(cell)
        if not least <= value <= _MOST or value != float(cell):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise CorpusError(
            f"{table.name}: row {row} (from 0) has {cell!r} in `{column}`; it must be a whole number from {least} "
            f"to {_MOST:,}"
        ) from None
    return value
