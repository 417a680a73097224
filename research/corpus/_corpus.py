"""Read texts and tables into documents, units and paragraphs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from research.corpus._files import (
    TEXT_SUFFIXES,
    Table,
    decode,
    find_files,
    name_files,
    read_table,
    suffix_of,
    table_of_frame,
)
from research.corpus._metadata import FIELDS, UNKNOWN, as_text, iso_date, read_metadata
from research.corpus._repeats import first_printings
from research.corpus._segment import Source, segment
from research.corpus._text import clean
from research.errors import CorpusError, InputError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Corpus", "read_corpus", "representatives"]

_PARAGRAPHS = ("paragraph_id", "document_id", "outlet", "date", "position", "text", "n_printed", "duplicate_of")
_UNITS = ("document_id", "line", "kind", "reason")


@dataclass(frozen=True)
class Corpus:
    """Documents, what each of their lines is, and their paragraphs.

    Attributes
    ----------
    documents : polars.DataFrame
        document_id, outlet, date, title, url and any further metadata, all text, `unknown` where missing; sorted by
        document_id.
    units : polars.DataFrame
        One row a non-empty line: document_id, line, kind, reason.
    paragraphs : polars.DataFrame
        One row a distinct paragraph of a document: paragraph_id, document_id, outlet, date, position, text, n_printed,
        duplicate_of; sorted by document_id, then line. The text is the line with white space made single, in Unicode's
        form NFC, and without markdown's marks for emphasis, links, lists and headings.
    language : str
        ISO 639-1 code.
    files : dict of str to str
        The SHA-256 of each file read, by its name; empty for a frame.
    """

    documents: pl.DataFrame
    units: pl.DataFrame
    paragraphs: pl.DataFrame
    language: str = "en"
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The paragraphs' texts, in the order of `paragraphs`."""
        return self.paragraphs.get_column("text").to_list()

    def with_scores(self, *scores: pl.DataFrame) -> pl.DataFrame:
        """Give the paragraphs with the columns of further tables beside them.

        Parameters
        ----------
        *scores : polars.DataFrame
            A row for each paragraph, in the order of `paragraphs`, as the stages' `assign` and `assess` give them.

        Returns
        -------
        polars.DataFrame

        Raises
        ------
        InputError
            If a table has another number of rows.
        """
        import polars as pl

        for number, table in enumerate(scores, 1):
            if len(table) != len(self.paragraphs):
                raise InputError(
                    f"table {number} has {len(table)} rows and the corpus {len(self.paragraphs)} paragraphs; give "
                    "tables made from this corpus's paragraphs"
                )
        return pl.concat([self.paragraphs, *scores], how="horizontal")


def read_corpus(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | pd.DataFrame | pl.DataFrame,
    *,
    metadata: str | os.PathLike[str] | None = None,
    text: str = "text",
    rows: Literal["documents", "paragraphs"] = "documents",
    language: str = "en",
    id_column: str = "id",
) -> Corpus:
    r"""Read a corpus.

    Parameters
    ----------
    source : path, glob, list of these, or frame
        Files ending in .txt, .md, .csv, .jsonl, .jsonl.gz or .parquet; or a pandas or polars frame. In what order they
        are listed does not matter. Folders are not walked.
    metadata : path, optional
        A YAML file, ``document_id -> {outlet: ..., date: ..., ...}``. What it says goes before a table's columns.
    text : str
        The column of a table that holds the text.
    rows : {"documents", "paragraphs"}
        Whether a row of a table is a document, to be segmented, or a paragraph, taken as it is. As paragraphs,
        paragraph_id, document_id, position, n_printed and duplicate_of are kept where the table has them.
    language : str
        ISO 639-1 code. The rules are checked on English; others are read, with fewer rules that fit them.
    id_column : str
        The column of a table that holds the document's id. A text file's id is its name up to the first `_` or, where
        there is none, without its ending; so is that of a table of one row without that column.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        If files are missing, empty, not UTF-8 or of an unknown ending; if a table has no text column or a row has no
        text; if two documents have the same id; or if the corpus holds no paragraph.
    ConfigError
        If the metadata file is wrong.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"id": ["a"], "text": ["The ministers met on Friday.\nRead more"]})
    >>> corpus = read_corpus(frame)
    >>> corpus.paragraphs["paragraph_id"].to_list(), corpus.units["kind"].to_list()
    (['a:0'], ['paragraph', 'boilerplate'])
    """
    if rows not in ("documents", "paragraphs"):
        raise CorpusError(f"rows is {rows!r}; it must be 'documents' or 'paragraphs'")
    tables: list[tuple[Table, str | None]] = []  # with the id its file's name gives
    texts: list[tuple[Path, str]] = []
    files: dict[str, str] = {}
    if isinstance(source, str | os.PathLike | Sequence):
        paths = find_files(source)
        for path in paths:
            if suffix_of(path) in TEXT_SUFFIXES:
                if rows == "paragraphs":
                    raise CorpusError(f"{path}: rows='paragraphs' takes tables only: .csv, .jsonl, .parquet or a frame")
                texts.append((path, decode(path)))
            else:
                tables.append((read_table(path), _id_of_file(path)))
        files = name_files(paths)
    else:
        tables.append((table_of_frame(source), None))
    for table, _ in tables:
        _check_text_column(table, text)
    if rows == "paragraphs":
        return _paragraph_rows([table for table, _ in tables], metadata, text, language, id_column, files)

    sources: list[tuple[str, Source]] = [
        (str(path), Source(_id_of_file(path), content, dict.fromkeys(FIELDS, UNKNOWN), suffix_of(path) == ".md"))
        for path, content in texts
    ]
    for table, file_id in tables:
        sources += _document_rows(table, text, id_column, file_id)
    _refuse_same_ids(sources)
    known = {source.document_id: source for _, source in sources}
    if metadata is not None:
        for document_id, values in read_metadata(Path(metadata), known).items():
            known[document_id].metadata.update(values)
    return _build([known[document_id] for document_id in sorted(known)], language, files)


def representatives(paragraphs: pl.DataFrame) -> NDArray[np.int64]:
    """For each paragraph, give the row whose text stands for it.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        With columns paragraph_id and duplicate_of, in any order of rows, n_paragraphs long.

    Returns
    -------
    ndarray of int64, shape (n_paragraphs,)
        The row that `duplicate_of` names where it is in the frame, else the row itself.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"paragraph_id": ["a:0", "b:0", "c:0"], "duplicate_of": [None, "a:0", "x:9"]})
    >>> representatives(frame).tolist()
    [0, 0, 2]
    """
    ids = paragraphs.get_column("paragraph_id").to_list()
    place = {name: row for row, name in enumerate(ids)}
    originals = paragraphs.get_column("duplicate_of").to_list()
    return np.array(
        [place.get(name, row) if name is not None else row for row, name in enumerate(originals)], dtype=np.int64
    )


def _id_of_file(path: Path) -> str:
    stem = path.name[: -len(suffix_of(path))]
    return stem.split("_", 1)[0] or stem


def _check_text_column(table: Table, text: str) -> None:
    if text not in table.columns:
        names = ", ".join(f"`{name}`" for name in table.columns) or "none"
        raise CorpusError(f"{table.name} has no column `{text}`; its columns are {names}: name the one with the text")
    if not table.n_rows:
        raise CorpusError(f"{table.name} has no rows; give a table with at least one")
    for row, cell in enumerate(table.columns[text]):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            raise CorpusError(
                f"{table.name}: row {row} (from 0) has no text in column `{text}`; fill it or remove the row"
            )
        if not isinstance(cell, str):
            raise CorpusError(
                f"{table.name}: row {row} (from 0) has {cell!r}, a {type(cell).__name__}, in column `{text}`; use text"
            )


def _ids(table: Table, column: str) -> list[str]:
    ids = [as_text(value) for value in table.columns[column]]
    for row, (name, value) in enumerate(zip(ids, table.columns[column], strict=True)):
        if name == UNKNOWN and value != UNKNOWN:
            raise CorpusError(f"{table.name}: row {row} (from 0) has no id in column `{column}`; fill it")
    return ids


def _row_metadata(table: Table, row: int, leave_out: Iterable[str]) -> dict[str, str]:
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


def _document_rows(table: Table, text: str, id_column: str, file_id: str | None) -> list[tuple[str, Source]]:
    column = next((name for name in (id_column, "document_id") if name in table.columns), None)
    if column is None:
        if table.n_rows > 1 or id_column != "id":
            names = ", ".join(f"`{name}`" for name in table.columns)
            raise CorpusError(
                f"{table.name} has no column `{id_column}`; its columns are {names}: name the one with the ids"
            )
        ids = [file_id or "table"]
    else:
        ids = _ids(table, column)
    leave_out = {text, column or "", "document_id"}
    return [
        (f"{table.name}, row {row}", Source(name, table.columns[text][row], _row_metadata(table, row, leave_out)))
        for row, name in enumerate(ids)
    ]


def _refuse_same_ids(sources: list[tuple[str, Source]]) -> None:
    seen: dict[str, str] = {}
    for where, source in sources:
        first = seen.setdefault(source.document_id, where)
        if first != where:
            raise CorpusError(
                f"{first} and {where} both have the document id `{source.document_id}`; a file's id is its name "
                "up to the first `_`, a row's the cell of its id column: rename one"
            )


def _build(sources: list[Source], language: str, files: dict[str, str]) -> Corpus:
    """Segment documents sorted by id and put the three tables together."""
    segmented = segment(sources)
    units: list[tuple[Any, ...]] = []
    paragraphs: list[dict[str, Any]] = []
    for source, lines in zip(sources, segmented, strict=True):
        position = 0
        for unit in lines:
            units.append((source.document_id, unit.line, unit.kind, unit.reason))
            if unit.kind == "paragraph":
                paragraphs.append(
                    {
                        "paragraph_id": f"{source.document_id}:{unit.line}",
                        "document_id": source.document_id,
                        "outlet": source.metadata["outlet"],
                        "date": source.metadata["date"],
                        "position": position,
                        "text": unit.text,
                        "n_printed": unit.n_printed,
                    }
                )
                position += 1
    if not paragraphs:
        raise CorpusError(
            f"no paragraph in {len(sources)} document(s), only titles, headings and page furniture; check the source"
        )
    _mark_duplicates(paragraphs)
    metadata = {source.document_id: source.metadata for source in sources}
    return Corpus(
        _documents(metadata),
        _frame("units", units),
        _frame("paragraphs", [tuple(p[c] for c in _PARAGRAPHS) for p in paragraphs]),
        language,
        files,
    )


def _mark_duplicates(paragraphs: list[dict[str, Any]]) -> None:
    """Set `duplicate_of`, where it is not set, to the first paragraph of another document with the same text."""
    for row, first in enumerate(first_printings([paragraph["text"] for paragraph in paragraphs])):
        earlier = paragraphs[first]
        other = earlier["document_id"] != paragraphs[row]["document_id"]
        paragraphs[row].setdefault("duplicate_of", earlier["paragraph_id"] if other else None)


def _paragraph_rows(
    tables: list[Table],
    metadata: str | os.PathLike[str] | None,
    text: str,
    language: str,
    id_column: str,
    files: dict[str, str],
) -> Corpus:
    """Take each row of the tables as one paragraph."""
    own = {text, id_column, *_PARAGRAPHS, "line"} - {"outlet", "date"}
    rows: list[tuple[tuple[Any, ...], dict[str, Any], dict[str, str], str]] = []
    for table in tables:
        column = next((name for name in ("document_id", id_column) if name in table.columns), None)
        ids = _ids(table, column) if column else ["table"] * table.n_rows
        given = _ids(table, "paragraph_id") if "paragraph_id" in table.columns else None
        for row, document_id in enumerate(ids):
            number = len(rows)
            values = _row_metadata(table, row, own)
            paragraph: dict[str, Any] = {
                "paragraph_id": given[row] if given else f"{document_id}:{number}",
                "document_id": document_id,
                "text": clean(table.columns[text][row]),
                "position": _whole(table, "position", row, 0),
                "n_printed": _whole(table, "n_printed", row, 1) or 1,
            }
            if "duplicate_of" in table.columns:
                cell = as_text(table.columns["duplicate_of"][row])
                paragraph["duplicate_of"] = None if cell == UNKNOWN else cell
            position = paragraph["position"]
            rows.append(
                (
                    (document_id, number if position is None else position, number),
                    paragraph,
                    values,
                    f"{table.name}, row {row}",
                )
            )
    rows.sort(key=lambda entry: entry[0])
    by_document: dict[str, list[dict[str, str]]] = {}
    for _, paragraph, values, _ in rows:
        by_document.setdefault(paragraph["document_id"], []).append(values)
    known = {document_id: _shared(entries) for document_id, entries in by_document.items()}
    overriding = read_metadata(Path(metadata), known) if metadata is not None else {}
    seen: dict[str, str] = {}
    counts: dict[str, int] = {}
    for _, paragraph, values, where in rows:
        document_id = paragraph["document_id"]
        values.update(overriding.get(document_id, {}))
        paragraph["outlet"], paragraph["date"] = values["outlet"], values["date"]
        place = counts.get(document_id, 0)
        counts[document_id] = place + 1
        if paragraph["position"] is None:
            paragraph["position"] = place
        first = seen.setdefault(paragraph["paragraph_id"], where)
        if first != where:
            raise CorpusError(
                f"{first} and {where} both have the paragraph id `{paragraph['paragraph_id']}`; give each row its own"
            )
    for document_id, values in overriding.items():
        known[document_id].update(values)
    paragraphs = [paragraph for _, paragraph, _, _ in rows]
    _mark_duplicates(paragraphs)
    numbered: dict[str, int] = {}
    units = []
    for paragraph in paragraphs:
        line = numbered.get(paragraph["document_id"], 0)
        numbered[paragraph["document_id"]] = line + 1
        units.append((paragraph["document_id"], line, "paragraph", "a row of the table, taken as it is"))
    return Corpus(
        _documents(known),
        _frame("units", units),
        _frame("paragraphs", [tuple(p[c] for c in _PARAGRAPHS) for p in paragraphs]),
        language,
        files,
    )


def _whole(table: Table, column: str, row: int, least: int) -> int | None:
    """Give a whole number of a table; None where the column or the value is missing."""
    cell = table.columns[column][row] if column in table.columns else None
    if cell is None:
        return None
    try:
        value = int(cell)
        if value < least or value != float(cell):
            raise ValueError
    except (TypeError, ValueError):
        raise CorpusError(
            f"{table.name}: row {row} (from 0) has {cell!r} in `{column}`; it must be a whole number from {least}"
        ) from None
    return value


def _shared(entries: list[dict[str, str]]) -> dict[str, str]:
    """Keep the metadata that all rows of a document agree on; what differs within it is not the document's."""
    names = sorted({name for entry in entries for name in entry})
    agreed = {name: {entry.get(name, UNKNOWN) for entry in entries} for name in names}
    shared = {name: values.pop() for name, values in agreed.items() if len(values) == 1}
    return {**dict.fromkeys(FIELDS, UNKNOWN), **shared}


def _documents(metadata: dict[str, dict[str, str]]) -> pl.DataFrame:
    import polars as pl

    further = sorted({name for values in metadata.values() for name in values} - set(FIELDS) - {"document_id"})
    data = {"document_id": sorted(metadata)}
    for name in (*FIELDS, *further):
        data[name] = [metadata[document_id].get(name, UNKNOWN) for document_id in data["document_id"]]
    return pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))


def _frame(table: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    import polars as pl

    columns = _UNITS if table == "units" else _PARAGRAPHS
    integers = {"line", "position", "n_printed"}
    return pl.DataFrame(
        rows, schema={name: pl.Int64 if name in integers else pl.String for name in columns}, orient="row"
    )
