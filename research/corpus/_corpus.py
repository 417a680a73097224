"""Read texts and tables into documents, units and paragraphs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from research._language import language_code
from research._tables import UNKNOWN
from research.corpus._columns import check_text_column, id_column_of, ids_of, row_metadata
from research.corpus._duplicates import mark_duplicates, printings
from research.corpus._files import (
    HTML_SUFFIXES,
    Table,
    decode,
    find_files,
    is_text_file,
    name_files,
    read_table,
    suffix_of,
    table_of_frame,
)
from research.corpus._html import read_page
from research.corpus._mapping import check_columns, rename_columns, settle_dates
from research.corpus._metadata import FIELDS
from research.corpus._metadata_file import read_metadata
from research.corpus._paragraph_rows import PARAGRAPHS, paragraph_rows
from research.corpus._ris import RIS_TEXTS
from research.corpus._segment import Source, segment
from research.corpus._text import clean
from research.errors import CorpusError, InputError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Corpus", "read_corpus", "read_documents", "representatives"]

_UNITS = ("document_id", "line", "kind", "reason", "text")


@dataclass(frozen=True)
class Corpus:
    """Documents, what each of their lines is, and their paragraphs.

    Attributes
    ----------
    documents : polars.DataFrame
        document_id, outlet, date, title, url and any further metadata, all text, `unknown` where missing; sorted by
        document_id.
    units : polars.DataFrame
        One row a non-empty line: document_id, line, kind, reason, text.
    paragraphs : polars.DataFrame
        One row a distinct paragraph of a document: paragraph_id, document_id, outlet, date, position, text, n_printed,
        duplicate_of; sorted by document_id, then line. The text is the line, or the joined lines of hard-wrapped text,
        with white space made single, in Unicode's form NFC, and without markdown's marks for emphasis, links, lists and
        headings.
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

    @property
    def printings(self) -> dict[str, str]:
        """For each document that prints again what an earlier one printed, that first one.

        An agency's report in several outlets: the paragraphs that two documents share make up at least half of the
        words of the shorter. Such documents are not independent of one another.
        """
        return printings(self.paragraphs.select("paragraph_id", "document_id", "text", "duplicate_of").to_dicts())

    def with_scores(self, *scores: pl.DataFrame | pd.DataFrame) -> pl.DataFrame:
        """Give the paragraphs with the columns of further tables beside them.

        Parameters
        ----------
        *scores : polars.DataFrame or pandas.DataFrame
            A row for each paragraph, in the order of `paragraphs`, as the stages' `assign` and `assess` give them.

        Returns
        -------
        polars.DataFrame

        Raises
        ------
        InputError
            If one is no table, has another number of rows, or a column that the paragraphs or an earlier table have.
        """
        import polars as pl

        found = [self.paragraphs]
        for number, given in enumerate(scores, 1):
            table = _polars_frame(given, number)
            if len(table) != len(self.paragraphs):
                raise InputError(
                    f"table {number} has {len(table)} rows and the corpus {len(self.paragraphs)} paragraphs; give "
                    "tables made from this corpus's paragraphs"
                )
            twice = next((name for name in table.columns if any(name in other.columns for other in found)), None)
            if twice is not None:
                raise InputError(
                    f"the column `{twice}` of table {number} is in the paragraphs or an earlier table already; rename "
                    "or drop one of the two"
                )
            found.append(table)
        return pl.concat(found, how="horizontal")


def read_corpus(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | pd.DataFrame | pl.DataFrame,
    *,
    metadata: str | os.PathLike[str] | None = None,
    text: str = "text",
    rows: Literal["documents", "paragraphs"] = "documents",
    language: str = "en",
    id_column: str = "id",
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
) -> Corpus:
    r"""Read a corpus.

    Parameters
    ----------
    source : path, glob, list of these, or frame
        Files ending in .txt, .md, .html, .htm, .csv, .jsonl, .jsonl.gz, .parquet or .ris; or a pandas or polars frame.
        In what order they are listed does not matter. Folders are not walked. A path that exists is that file or
        folder, whatever brackets its name has. Of a .csv, a `'` at the start of a cell before one of ``= + - @``, a tab
        or a line break is dropped: this package writes it so that no spreadsheet takes the text for a formula.
    metadata : path, optional
        A YAML file, ``document_id -> {outlet: ..., date: ..., ...}``, or a table with a column `id` or `document_id`.
        What it says goes before a table's columns. A text file may be named by its whole name too.
    text : str
        The column of a table that holds the text.
    rows : {"documents", "paragraphs"}
        Whether a row of a table is a document, to be segmented, or a paragraph, taken as it is. As paragraphs,
        paragraph_id, document_id, position, n_printed and duplicate_of are kept where the table has them; a paragraph
        that repeats an earlier one of its document, word for word or nearly, is folded into it and adds to its
        n_printed. All rows of a document have one outlet and one date, given in at least one of them.
    language : str
        ISO 639-1 code. The rules are checked on English; others are read, with fewer rules that fit them.
    id_column : str
        The column of a table that holds the document's id. A text file's id is its name up to the first `_` or, where
        there is none, or where that would give two files one id, without its ending, in Unicode's form NFC; so is that
        of a table of one row without that column. `document_id` serves
        where there is no `id`. Where both are there, they must agree, except that rows as paragraphs take
        `document_id`, and `id` as any other column.
    columns : mapping of str to str, optional
        How a table calls what this package calls outlet, date, title, url, author or any further metadata, for example
        ``{"outlet": "Publication"}``. A column that has one of these names already is left out.
    date_format : str, optional
        How a table writes its dates, as `datetime.datetime.strptime` takes it, for example ``"%d/%m/%Y"``. Without it,
        dates with the month in words and ISO dates are understood, and dates in figures where the column itself shows
        the order of day and month, or has full stops between.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        If the source is neither files nor a frame; if files are missing, empty, no text in UTF-8 (or in UTF-16 or
        UTF-32 with its byte-order mark) or of an unknown ending; if a table has no text column or a row has no text; if
        a line has more than a million characters; if two documents have the same id, or a table's two id columns
        differ; if a table lacks a column that `columns` names; if a date is not of the form given, or its order of
        day and month cannot be known; if a document's rows differ in outlet or date; if a duplicate_of names a
        paragraph of the same document, or one that is a duplicate itself; or if the corpus holds no paragraph.
    ConfigError
        If the metadata file is wrong.
    InputError
        If `language` is no code of ISO 639-1.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"id": ["a"], "text": ["The ministers met on Friday.\nRead more"]})
    >>> corpus = read_corpus(frame)
    >>> corpus.paragraphs["paragraph_id"].to_list(), corpus.units["kind"].to_list()
    (['a:0'], ['paragraph', 'boilerplate'])
    """
    language = language_code(language)
    found = _read(source, metadata, text, rows, id_column, columns, date_format)
    if isinstance(found, _Rows):
        return _put_together(found.metadata, found.units, found.paragraphs, language, found.files)
    return _build(found.sources, language, found.files)


def read_documents(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | pd.DataFrame | pl.DataFrame, **settings: Any
) -> pl.DataFrame:
    """Read what is known of a corpus's documents and look at no line of them: a quick check of files and metadata.

    Parameters
    ----------
    source : path, glob, list of these, or frame
        As `read_corpus` takes it.
    **settings
        What else `read_corpus` takes, but for the language.

    Returns
    -------
    polars.DataFrame
        As `Corpus.documents`.

    Raises
    ------
    InputError
        If a file or the metadata are wrong, as `read_corpus` says.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"id": ["a"], "text": ["The ministers met on Friday."], "outlet": ["Herald"]})
    >>> read_documents(frame).row(0)
    ('a', 'Herald', 'unknown', 'unknown', 'unknown')
    """
    found = _read(source, **settings)
    if isinstance(found, _Rows):
        return _documents(found.metadata)
    return _documents({each.document_id: each.metadata for each in found.sources})


@dataclass(frozen=True)
class _Texts:
    """Documents to be segmented, sorted by id."""

    sources: list[Source]
    files: dict[str, str]


@dataclass(frozen=True)
class _Rows:
    """Paragraphs as a table has them."""

    metadata: dict[str, dict[str, str]]
    units: list[tuple[str, int, str, str, str]]
    paragraphs: list[dict[str, Any]]
    files: dict[str, str]


def _read(
    source: Any,
    metadata: str | os.PathLike[str] | None = None,
    text: str = "text",
    rows: str = "documents",
    id_column: str = "id",
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
) -> _Texts | _Rows:
    """Read files and metadata; what `read_corpus` refuses before it looks at a line is refused here."""
    if rows not in ("documents", "paragraphs"):
        raise CorpusError(f"rows is {rows!r}; it must be 'documents' or 'paragraphs'")
    tables: list[tuple[Table, str | None]] = []  # with the id its file's name gives
    texts: list[tuple[Path, str, dict[str, str]]] = []
    files: dict[str, str] = {}
    if not isinstance(text, str) or not isinstance(id_column, str):
        raise CorpusError(f"text is {text!r} and id_column {id_column!r}; both are names of columns, given as text")
    if metadata is not None and not isinstance(metadata, str | os.PathLike):
        raise CorpusError(f"metadata is a {type(metadata).__name__}; give the path of a YAML or CSV file")
    if isinstance(source, str | os.PathLike | Sequence) and not isinstance(source, bytes | bytearray):
        paths = find_files(source)
        for path in paths:
            if is_text_file(path):
                if rows == "paragraphs":
                    raise CorpusError(f"{path}: rows='paragraphs' takes tables only: .csv, .jsonl, .parquet or a frame")
                texts.append((path, *read_page(path)) if suffix_of(path) in HTML_SUFFIXES else (path, decode(path), {}))
            else:
                tables.append((read_table(path), _id_of_file(path)))
        files = name_files(paths)
    else:
        tables.append((table_of_frame(source), None))
    if columns is not None:
        check_columns(columns, {"id_column": id_column, "text": text})
        if not tables:
            raise CorpusError("columns names columns of a table, and the source holds none; leave it out")
        tables = [(rename_columns(table, columns), file_id) for table, file_id in tables]
    tables = [(settle_dates(table, date_format), file_id) for table, file_id in tables]
    for table, _ in tables:
        check_text_column(table, text)
    if rows == "paragraphs":
        return _Rows(*paragraph_rows([table for table, _ in tables], metadata, text, id_column, date_format), files)

    ids = _ids_of_files([path for path, _, _ in texts])
    sources: list[tuple[str, Source]] = [
        (
            str(path),
            Source(ids[path], content, {**dict.fromkeys(FIELDS, UNKNOWN), **told}, suffix_of(path) != ".txt"),
        )
        for path, content, told in texts
    ]
    for table, file_id in tables:
        sources += _document_rows(table, text, id_column, file_id)
    _refuse_same_ids(sources)
    known = {source.document_id: source for _, source in sources}
    if metadata is not None:
        names = {**_names_of_files(ids), **{name: name for name in known}}
        for document_id, values in read_metadata(Path(metadata), names, date_format).items():
            known[document_id].metadata.update(values)
    return _Texts([known[document_id] for document_id in sorted(known)], files)


def representatives(paragraphs: pl.DataFrame) -> NDArray[np.int64]:
    """For each paragraph, give the row whose text stands for it.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        With columns paragraph_id and duplicate_of, in any order of rows, n_paragraphs long.

    Returns
    -------
    ndarray of int64, shape (n_paragraphs,)
        The row that `duplicate_of` names where it is in the frame, else the row itself. So a near repeat has the vector
        of its original as long as both are there; in a part of the table without the original it is embedded by its
        own text, and its values may differ a little from those in the whole table.

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


def _polars_frame(given: Any, number: int) -> pl.DataFrame:
    import polars as pl

    if isinstance(given, pl.DataFrame):
        return given
    try:
        return pl.DataFrame(table_of_frame(given).columns, strict=False)
    except CorpusError as error:
        what = str(error) if hasattr(type(given), "columns") else f"is a {type(given).__name__}; give a data frame"
        raise InputError(f"table {number} {what.removeprefix('the table ')}") from None


def _id_of_file(path: Path) -> str:
    stem = _stem(path)
    return clean(stem.split("_", 1)[0]) or stem


def _stem(path: Path) -> str:
    """Give a file's name without its ending, in the form in which ids are compared: a Mac parts letters and accents."""
    return clean(path.name[: -len(suffix_of(path))])


def _ids_of_files(paths: Sequence[Path]) -> dict[Path, str]:
    """Give each text file's id: its name up to the first `_`, or all their whole names where two of these are one."""
    ids = {path: _id_of_file(path) for path in paths}
    return ids if len(set(ids.values())) == len(ids) else {path: _stem(path) for path in paths}


def _names_of_files(ids: Mapping[Path, str]) -> dict[str, str]:
    """Give the id by each name that a metadata file may use: the file's, with its ending or without, or its beginning.

    A name that fits two files is left out.
    """
    names: dict[str, set[str]] = {}
    for path, document_id in ids.items():
        for name in (clean(path.name), _stem(path), _id_of_file(path)):
            names.setdefault(name, set()).add(document_id)
    return {name: those.pop() for name, those in names.items() if len(those) == 1}


def _document_rows(table: Table, text: str, id_column: str, file_id: str | None) -> list[tuple[str, Source]]:
    column = id_column_of(table, id_column, "documents")
    if column is None:
        if table.n_rows > 1:
            names = ", ".join(f"`{name}`" for name in table.columns)
            raise CorpusError(
                f"{table.name} has no column `{id_column}`; its columns are {names}: name the one with the ids, or add "
                f"row numbers as `{id_column}`; for a table with a row a paragraph set `rows: paragraphs` and give "
                "each row its document in a column `document_id`"
            )
        ids = [file_id or "table"]
    else:
        ids = ids_of(table, column)
    leave_out = {text, column or "", "document_id", *(RIS_TEXTS if suffix_of(Path(table.name)) == ".ris" else ())}
    return [
        (f"{table.name}, row {row}", Source(name, table.columns[text][row], row_metadata(table, row, leave_out)))
        for row, name in enumerate(ids)
    ]


def _refuse_same_ids(sources: list[tuple[str, Source]]) -> None:
    seen: dict[str, str] = {}
    for where, source in sources:
        first = seen.setdefault(source.document_id, where)
        if first != where:
            of_rows = ", row " in first and ", row " in where
            raise CorpusError(
                f"{first} and {where} both have the document id `{source.document_id}`; a file's id is its name "
                "without its ending, a row's the cell of its id column: rename one"
                + (", or set `rows: paragraphs` for a table with a row a paragraph" if of_rows else "")
            )


def _build(sources: list[Source], language: str, files: dict[str, str]) -> Corpus:
    """Segment documents sorted by id and put the three tables together."""
    segmented = segment(sources)
    units: list[tuple[str, int, str, str, str]] = []
    paragraphs: list[dict[str, Any]] = []
    for source, lines in zip(sources, segmented, strict=True):
        position = 0
        for unit in lines:
            units.append((source.document_id, unit.line, unit.kind, unit.reason, unit.text))
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
        names = ", ".join(f"`{source.document_id}`" for source in sources[:3]) + (", …" if len(sources) > 3 else "")
        raise CorpusError(
            f"no paragraph in {len(sources)} document(s) ({names}), only titles, headings and page furniture; check "
            "the source"
        )
    mark_duplicates(paragraphs)
    metadata = {source.document_id: source.metadata for source in sources}
    return _put_together(metadata, units, paragraphs, language, files)


def _put_together(
    metadata: dict[str, dict[str, str]],
    units: list[tuple[str, int, str, str, str]],
    paragraphs: list[dict[str, Any]],
    language: str,
    files: dict[str, str],
) -> Corpus:
    return Corpus(
        _documents(metadata),
        _frame("units", units),
        _frame("paragraphs", [tuple(p[c] for c in PARAGRAPHS) for p in paragraphs]),
        language,
        files,
    )


def _documents(metadata: dict[str, dict[str, str]]) -> pl.DataFrame:
    import polars as pl

    further = sorted({name for values in metadata.values() for name in values} - set(FIELDS) - {"document_id"})
    data = {"document_id": sorted(metadata)}
    for name in (*FIELDS, *further):
        data[name] = [metadata[document_id].get(name, UNKNOWN) for document_id in data["document_id"]]
    return pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))


def _frame(table: str, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    import polars as pl

    columns = _UNITS if table == "units" else PARAGRAPHS
    integers = {"line", "position", "n_printed"}
    return pl.DataFrame(
        rows, schema={name: pl.Int64 if name in integers else pl.String for name in columns}, orient="row"
    )
