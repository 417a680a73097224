"""Tables with a row a paragraph, taken as they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research._tables import UNKNOWN
from research.corpus._columns import id_column_of, ids_of, row_metadata, whole_number
from research.corpus._duplicates import check_duplicates, fold_repeats, mark_duplicates
from research.corpus._files import Table
from research.corpus._metadata import FIELDS, as_text
from research.corpus._metadata_file import read_metadata
from research.corpus._text import clean
from research.errors import CorpusError

__all__ = ["PARAGRAPHS", "paragraph_rows"]

PARAGRAPHS = ("paragraph_id", "document_id", "outlet", "date", "position", "text", "n_printed", "duplicate_of")
"""Columns of a corpus's paragraphs."""


@dataclass(frozen=True)
class _Row:
    order: tuple[str, int, int]
    paragraph: dict[str, Any]
    metadata: dict[str, str]
    where: str


def paragraph_rows(
    tables: Sequence[Table],
    metadata: str | os.PathLike[str] | None,
    text: str,
    id_column: str,
    date_format: str | None,
) -> tuple[dict[str, dict[str, str]], list[tuple[str, int, str, str, str]], list[dict[str, Any]]]:
    """Take each row of the tables as a paragraph.

    Returns
    -------
    metadata : dict
        What is known of each document.
    units : list of tuple
        document_id, line, kind and reason of each row.
    paragraphs : list of dict
        With the keys `PARAGRAPHS`, sorted by document, then position.

    Raises
    ------
    CorpusError
        As `read_corpus` says.
    """
    rows = sorted(_rows(tables, text, id_column), key=lambda row: row.order)
    documents: dict[str, list[_Row]] = {}
    seen: dict[str, str] = {}
    for row in rows:
        documents.setdefault(row.paragraph["document_id"], []).append(row)
        first = seen.setdefault(row.paragraph["paragraph_id"], row.where)
        if first != row.where:
            raise CorpusError(
                f"{first} and {row.where} both have the paragraph id `{row.paragraph['paragraph_id']}`; "
                "give each row its own"
            )
    overriding = {}
    if metadata is not None:
        overriding = read_metadata(Path(metadata), {name: name for name in documents}, date_format)
    known = {name: _settle(name, of, overriding.get(name, {})) for name, of in documents.items()}
    paragraphs, where = [row.paragraph for row in rows], [row.where for row in rows]
    check_duplicates(paragraphs, where)
    first_rows = fold_repeats(paragraphs)
    units = _units(paragraphs, first_rows)
    stay = [row for row, kept in enumerate(first_rows) if row == kept]
    paragraphs, where = [paragraphs[row] for row in stay], [where[row] for row in stay]
    check_duplicates(paragraphs, where)  # rows folded together may have named different originals
    mark_duplicates(paragraphs)
    counts: dict[str, int] = {}
    for paragraph in paragraphs:
        place = counts.get(paragraph["document_id"], 0)
        counts[paragraph["document_id"]] = place + 1
        if paragraph["position"] is None:
            paragraph["position"] = place
    return known, units, paragraphs


def _rows(tables: Sequence[Table], text: str, id_column: str) -> list[_Row]:
    if len({"duplicate_of" in table.columns for table in tables}) > 1:
        without = next(table.name for table in tables if "duplicate_of" not in table.columns)
        raise CorpusError(f"{without} has no column `duplicate_of` and other tables have one; give it to all or none")
    rows: list[_Row] = []
    for table in tables:
        column = id_column_of(table, id_column, "paragraphs")
        own = {text, column or "document_id", *PARAGRAPHS, "line"} - {"outlet", "date"}
        ids = ids_of(table, column) if column else ["table"] * table.n_rows
        given = ids_of(table, "paragraph_id") if "paragraph_id" in table.columns else None
        for row, document_id in enumerate(ids):
            number = len(rows)
            position = whole_number(table, "position", row, 0)
            paragraph: dict[str, Any] = {
                "paragraph_id": given[row] if given else f"{document_id}:{number}",
                "document_id": document_id,
                "text": clean(table.columns[text][row]),
                "position": position,
                "n_printed": whole_number(table, "n_printed", row, 1) or 1,
            }
            if "duplicate_of" in table.columns:
                cell = as_text(table.columns["duplicate_of"][row])
                paragraph["duplicate_of"] = None if cell == UNKNOWN else cell
            order = (document_id, number if position is None else position, number)
            rows.append(_Row(order, paragraph, row_metadata(table, row, own), f"{table.name}: row {row} (from 0)"))
    return rows


def _settle(document_id: str, rows: Sequence[_Row], overriding: dict[str, str]) -> dict[str, str]:
    """Give the paragraphs of a document its one outlet and date, and find what all its rows agree on."""
    for row in rows:
        row.metadata.update(overriding)
    for name in ("outlet", "date"):
        found: dict[str, str] = {}
        for row in rows:
            if row.metadata[name] != UNKNOWN:
                found.setdefault(row.metadata[name], row.where)
        if len(found) > 1:
            (a, first), (b, second) = list(found.items())[:2]
            raise CorpusError(
                f"document `{document_id}` has the {name} {a!r} in {first} and {b!r} in {second}; a document has one: "
                "correct it, or tell the documents apart in a column `document_id`"
            )
        for row in rows:
            row.metadata[name] = row.paragraph[name] = next(iter(found), UNKNOWN)
    return _shared([row.metadata for row in rows])


def _units(paragraphs: Sequence[dict[str, Any]], first: Sequence[int]) -> list[tuple[str, int, str, str, str]]:
    """Say of each row what it is; a line is a row's place in its document."""
    numbered: dict[str, int] = {}
    lines, units = [], []
    for row, (paragraph, kept) in enumerate(zip(paragraphs, first, strict=True)):
        line = numbered.get(paragraph["document_id"], 0)
        numbered[paragraph["document_id"]] = line + 1
        lines.append(line)
        kind, reason = "paragraph", "a row of the table, taken as it is"
        if row != kept:
            kind, reason = "repeat", f"repeats row {lines[kept]} of the document, word for word or nearly"
        units.append((paragraph["document_id"], line, kind, reason, paragraph["text"]))
    return units


def _shared(entries: list[dict[str, str]]) -> dict[str, str]:
    """Keep the metadata that all rows of a document agree on; what differs within it is not the document's."""
    names = sorted({name for entry in entries for name in entry})
    agreed = {name: {entry.get(name, UNKNOWN) for entry in entries} for name in names}
    shared = {name: values.pop() for name, values in agreed.items() if len(values) == 1}
    return {**dict.fromkeys(FIELDS, UNKNOWN), **shared}
