"""Bring a table of somebody else's making to this package's names: its columns and its dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from research._shipped import nearest
from research.corpus._files import Table
from research.corpus._metadata import meant_field
from research.errors import CorpusError

__all__ = ["check_columns", "rename_columns", "settle_dates"]

_RESERVED = {"text": "text", "id": "id_column", "document_id": "id_column"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}$")
_FIGURES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,]+\d{1,2}:\d{2}.*)?$")


def check_columns(columns: Mapping[str, str], own: Mapping[str, str]) -> None:
    """Refuse a mapping that is none, or that names what has a setting of its own (`own`: the settings' columns).

    Raises
    ------
    CorpusError
    """
    if not isinstance(columns, Mapping) or not all(
        isinstance(word, str) and word for pair in columns.items() for word in pair
    ):
        raise CorpusError(
            f"columns is {columns!r}; give a mapping from this package's names to the table's, for example "
            "{'outlet': 'Publication', 'date': 'Published'}"
        )
    for ours in columns:
        if ours in _RESERVED:
            raise CorpusError(f"columns names `{ours}`; that column is named by `{_RESERVED[ours]}`")
    for ours in columns:
        meant = meant_field(ours)
        if meant and meant not in columns:
            raise CorpusError(
                f"columns gives a column the name `{ours}`, which is not known (did you mean `{meant}`?); write "
                f"`{meant}`, or give it another name"
            )
    for ours, column in columns.items():
        if setting := next((name for name, taken in own.items() if taken == column), None):
            raise CorpusError(
                f"columns names the table's column `{column}` for `{ours}`, and {setting} names it too; a column has "
                "one use: leave it out of columns"
            )
    theirs = list(columns.values())
    if twice := sorted({name for name in theirs if theirs.count(name) > 1}):
        raise CorpusError(
            f"columns names the table's column `{twice[0]}` twice; give each of yours a column of its own"
        )


def rename_columns(table: Table, columns: Mapping[str, str]) -> Table:
    """Give a table under this package's names.

    A column that already has one of these names, and that the mapping does not name, is left out.

    Raises
    ------
    CorpusError
        If the table lacks a column that the mapping names.
    """
    for ours, theirs in columns.items():
        if theirs not in table.columns:
            names = ", ".join(f"`{name}`" for name in table.columns) or "none"
            raise CorpusError(
                f"{table.name} has no column `{theirs}`, which columns names for `{ours}`"
                f"{nearest(theirs, sorted(table.columns))}; its columns are {names}"
            )
    renamed = {theirs: ours for ours, theirs in columns.items()}
    left = {name: cells for name, cells in table.columns.items() if name in renamed or name not in columns}
    return replace(table, columns={renamed.get(name, name): cells for name, cells in left.items()})


def settle_dates(table: Table, date_format: str | None) -> Table:
    """Bring the dates to ISO that are written in figures, and those of a given form.

    Where no form is given, the order of day and month is the one that the column itself shows: some date in it must
    have a number above twelve. With full stops between, as in 31.12.2025, the day comes first.

    Raises
    ------
    CorpusError
        Names the row: if a date is not of the given form, if dates contradict one another, or if the order cannot be
        known.
    """
    cells = table.columns.get("date")
    if cells is None:
        return table
    settled = list(cells)
    if date_format is None:
        found = {row: match for row, cell in enumerate(cells) if (match := _in_figures(cell))}
        day_first = _day_first(table.name, found)
        for row, match in found.items():
            first, dot, second, year = match.groups()
            day, month = (first, second) if day_first or dot == "." else (second, first)
            form = "%d/%m/%Y" if len(year) == 4 else "%d/%m/%y"
            settled[row] = _day(table.name, row, match.string.strip(), f"{day}/{month}/{year}", form)
    else:
        for row, cell in enumerate(cells):
            if isinstance(cell, str) and cell.strip():
                settled[row] = _day(table.name, row, cell.strip(), cell.strip(), date_format)
    return replace(table, columns={**table.columns, "date": settled})


def _in_figures(cell: Any) -> re.Match[str] | None:
    return _FIGURES.match(cell.strip()) if isinstance(cell, str) else None


def _day_first(name: str, found: Mapping[int, re.Match[str]]) -> bool:
    slashed = {row: match for row, match in found.items() if match.group(2) != "."}
    if not slashed:
        return True
    day_first = [row for row, match in slashed.items() if int(match.group(1)) > 12]
    month_first = [row for row, match in slashed.items() if int(match.group(3)) > 12]
    if day_first and month_first:
        a, b = day_first[0], month_first[0]
        raise CorpusError(
            f"{name}: rows {a} and {b} (from 0) have the dates {slashed[a].string!r} and {slashed[b].string!r}, the "
            "one with the day first and the other with the month; bring the column to YYYY-MM-DD"
        )
    if not day_first and not month_first:
        row, match = next(iter(slashed.items()))
        raise CorpusError(
            f"{name}: row {row} (from 0) has the date {match.string!r}, and no date of the column shows whether day or "
            'month comes first; give date_format, "%d/%m/%Y" or "%m/%d/%Y"'
        )
    return bool(day_first)


def _day(name: str, row: int, written: str, text: str, form: str) -> str:
    try:
        return datetime.datetime.strptime(text, form).date().isoformat()
    except ValueError:
        if _ISO.match(text):  # says itself what it is, as in a table that this package wrote
            return text
        raise CorpusError(
            f"{name}: row {row} (from 0) has the date {written!r}, which is no date of the form {form!r}; correct it, "
            "or give the column's own form as date_format"
        ) from None
