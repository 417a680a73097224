"""Find the files a source names and read what they hold: texts and tables."""

from __future__ import annotations

import csv
import glob
import gzip
import hashlib
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research._csv import plain_text
from research.corpus._decode import decode_bytes, refuse_endless_line, refuse_half_characters
from research.corpus._ris import ris_columns
from research.errors import CorpusError

__all__ = [
    "HTML_SUFFIXES",
    "TABLE_SUFFIXES",
    "NoFileError",
    "TEXT_SUFFIXES",
    "Table",
    "column_names",
    "decode",
    "find_files",
    "is_text_file",
    "name_files",
    "read_bytes",
    "read_csv",
    "read_table",
    "suffix_of",
    "table_of_frame",
]

HTML_SUFFIXES = (".html", ".htm")
TEXT_SUFFIXES = (".txt", ".md", *HTML_SUFFIXES)
TABLE_SUFFIXES = (".csv", ".jsonl", ".jsonl.gz", ".parquet", ".ris")
# How `glob.escape` writes a special character.
_ESCAPED_GLOB = re.compile(r"\[([*?[])\]")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_ALLOWED = ", ".join((*TEXT_SUFFIXES, *TABLE_SUFFIXES))


class NoFileError(CorpusError):
    """A path or glob that no file matches."""


@dataclass(frozen=True)
class Table:
    """Columns of equal length, read from a file or given as a frame.

    Attributes
    ----------
    name : str
        What error messages call it.
    columns : dict of str to list
    """

    name: str
    columns: dict[str, list[Any]]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), []))


def suffix_of(path: Path) -> str:
    """Give a file's ending in small letters, `.jsonl.gz` whole."""
    name = path.name.lower()
    return next((suffix for suffix in (*TEXT_SUFFIXES, *TABLE_SUFFIXES) if name.endswith(suffix)), path.suffix.lower())


def is_text_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file's name, or a glob's ending, is that of a text document rather than a table.

    Parameters
    ----------
    path : path or glob
        Need not exist.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_text_file("news/*.TXT"), is_text_file("news.csv")
    (True, False)
    """
    return suffix_of(Path(path)) in TEXT_SUFFIXES


def find_files(source: str | os.PathLike[str] | Collection[str | os.PathLike[str]]) -> list[Path]:
    """Give the files that a path, a glob or a list of these names, each once, sorted by name.

    Parameters
    ----------
    source : path, glob, or list of these

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    CorpusError
        If a folder or file is missing, a glob matches nothing, a folder is given, or a file's ending is unknown.
    """
    patterns = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not patterns:
        raise CorpusError("the list of files is empty; give at least one path or glob")
    found: dict[Path, Path] = {}
    for pattern in patterns:
        if not isinstance(pattern, str | os.PathLike) or not os.fspath(pattern):
            raise CorpusError(f"the source holds {pattern!r}, a {type(pattern).__name__}; give paths or globs as text")
        try:
            for path in _expand(os.fspath(pattern)):
                found.setdefault(path.resolve(), path)
        except OSError as error:  # a name too long, a folder that may not be read
            raise CorpusError(f"{pattern}: cannot be looked for ({error.strerror}); check the path") from None
    paths = sorted(found.values(), key=lambda path: (path.name, path.as_posix()))
    for path in paths:
        refuse_half_characters(path.name, f"{path.name!r}: the file's name")
        if suffix_of(path) not in (*TEXT_SUFFIXES, *TABLE_SUFFIXES):
            raise CorpusError(
                f"{path}: files ending in `{path.suffix}` cannot be read; use one of {_ALLOWED}, or a narrower glob"
            )
    return paths


def _glob(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern


def _expand(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_file():
        return [path]
    if path.is_dir():
        raise CorpusError(
            f"{pattern} is a folder, and folders are not walked; give a glob such as `{path.as_posix()}/*.txt`"
        )
    if glob.has_magic(pattern):
        folder, rest = _literal_folder(path)
        files = [Path(name) for name in sorted(_glob(os.path.join(glob.escape(str(folder)), rest)))]  # noqa: PTH118
        files = [file for file in files if file.is_file()]
        if files:
            return files
        name, parts = _ESCAPED_GLOB.sub(r"\1", pattern), Path(rest).parts
        missing = folder / _ESCAPED_GLOB.sub(r"\1", parts[0])
        plain = not glob.has_magic(_ESCAPED_GLOB.sub("", parts[0]))
        if len(parts) > 1 and plain and not missing.is_dir():
            raise NoFileError(f"{name}: the folder {missing} does not exist{_looked_up(path)}; check the path")
        raise NoFileError(f"{name}: no file matches{_looked_up(path)}; check the ending and the folder")
    if not path.parent.is_dir():
        raise NoFileError(f"{pattern}: the folder {path.parent} does not exist{_looked_up(path)}; check the path")
    raise NoFileError(f"{pattern}: no such file{_looked_up(path)}; check its name")


def _looked_up(path: Path) -> str:
    """Say where a relative path starts from."""
    return "" if path.is_absolute() else f" (looked up in {Path.cwd()})"


def _literal_folder(path: Path) -> tuple[Path, str]:
    """Split a glob into the folders that exist as they are written, brackets and all, and the rest."""
    parts = path.parts
    for size in range(len(parts) - 1, 0, -1):
        folder = Path(*parts[:size])
        if folder.is_dir():
            return folder, str(Path(*parts[size:]))
    return Path(), str(path)


def name_files(paths: list[Path]) -> dict[str, str]:
    """Give each file's name and the SHA-256 of its bytes; below a common folder, where two have the same name."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        parents = [path.resolve().parent for path in paths]
        common = Path(os.path.commonpath(parents))
        names = [path.resolve().relative_to(common).as_posix() for path in paths]
    return {name: _sha256(path) for name, path in sorted(zip(names, paths, strict=True))}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises
    ------
    CorpusError
        If the system refuses.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


def decode(path: Path, content: bytes | None = None) -> str:
    """Read a text: UTF-8, with or without a byte-order mark, or UTF-16 or UTF-32 with one.

    Raises
    ------
    CorpusError
        If the file cannot be read, holds nothing but white space, or is no text of that encoding (names the line).
    """
    text = decode_bytes(read_bytes(path) if content is None else content, str(path))
    if not text.strip():
        raise CorpusError(f"{path}: the file is empty; remove it from the source or fill it")
    if is_text_file(path):
        refuse_endless_line(text, str(path))
    return text


def read_table(path: Path) -> Table:
    """Read a .csv, .jsonl, .jsonl.gz, .parquet or .ris file.

    Raises
    ------
    CorpusError
        If the file is empty, not UTF-8, or not what its ending says; names the row or line where there is one.
    """
    suffix = suffix_of(path)
    if suffix == ".csv":
        return read_csv(path)
    if suffix == ".parquet":
        return table_of_frame(_read_parquet(path), str(path))
    if suffix == ".ris":
        return Table(str(path), ris_columns(path, decode(path)))
    content: bytes | None = None
    if suffix == ".jsonl.gz":
        try:
            content = gzip.decompress(read_bytes(path))
        except (OSError, EOFError, zlib.error) as error:
            raise CorpusError(f"{path}: is not a whole gzip file ({error}); compress it again") from None
    return Table(str(path), _jsonl_columns(path, decode(path, content)))


def read_csv(path: Path) -> Table:
    """Read a file as CSV whatever its ending; its cells may be parted by commas, semicolons or tabs.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table
        Its columns by name; an empty cell is None, and empty lines are no rows.

    Raises
    ------
    CorpusError
        If the file is empty, not UTF-8 or no CSV; names the row or line where there is one.
    """
    return Table(str(path), _csv_columns(path, decode(path)))


def column_names(source: str | os.PathLike[str]) -> list[str]:
    """Give the names of the columns of the first table that a path or glob names.

    Parameters
    ----------
    source : path or glob

    Returns
    -------
    list of str

    Raises
    ------
    CorpusError
        If no file or none that can be read is there.
    """
    path = find_files(source)[0]
    if suffix_of(path) == ".parquet":
        return list(_read_parquet(path).columns)
    return list(read_table(path).columns)


def _csv_columns(path: Path, text: str) -> dict[str, list[Any]]:
    csv.field_size_limit(2**31 - 1)
    separator = _separator(path, text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        header = [plain_text(name) for name in next(cells for cells in reader if cells)]
        if len(set(header)) < len(header):
            raise CorpusError(
                f"{path}: the header names a column twice ({', '.join(header)}); give each column its own name"
            )
        columns: dict[str, list[Any]] = {name: [] for name in header}
        row = 0
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise CorpusError(
                    f"{path}: row {row} (from 0, below the header) has {len(cells)} cells, the header {len(header)}; "
                    f"quote cells that hold {_SEPARATORS[separator]} or line breaks"
                )
            for name, cell in zip(header, cells, strict=True):
                columns[name].append(plain_text(cell) if cell != "" else None)
            row += 1
    except csv.Error as error:
        raise CorpusError(f"{path}: line {reader.line_num} is not valid CSV ({error}); mend its quotes") from None
    return columns


def _separator(path: Path, text: str) -> str:
    """Tell what parts a CSV file's cells: what parts the header's and, where several might, gives all rows as many."""
    parting = [mark for mark in _SEPARATORS if len(_first_row(text, mark)) > 1]
    if len(parting) > 1:
        even = [mark for mark in parting if _is_even(text, mark)]
        if len(even) > 1:
            marks = " or by ".join(_SEPARATORS[mark] for mark in even)
            raise CorpusError(f"{path}: its cells may be separated by {marks}; save the file as CSV with commas")
        return even[0] if even else parting[0]
    if not parting and "|" in (header := "".join(_first_row(text, ","))):
        raise CorpusError(
            f"{path}: the cells of the header are separated by vertical bars ({header!r}), not by commas; save the "
            "file as CSV with commas"
        )
    return parting[0] if parting else ","


def _first_row(text: str, separator: str) -> list[str]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return next((cells for cells in rows if cells), [])
    except csv.Error:
        return []


def _is_even(text: str, separator: str) -> bool:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
        return len({len(cells) for cells in rows if cells}) == 1
    except csv.Error:
        return False


def _jsonl_columns(path: Path, text: str) -> dict[str, list[Any]]:
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
            raise CorpusError(f"{path}: line {number} is not JSON ({reason}); write one object a line") from None
        if not isinstance(record, dict):
            raise CorpusError(
                f"{path}: line {number} holds a {type(record).__name__}; write one object `{{...}}` a line"
            )
        records.append(record)
    names = list(dict.fromkeys(name for record in records for name in record))
    return {name: [record.get(name) for record in records] for name in names}


def _read_parquet(path: Path) -> Any:
    import polars as pl

    try:
        return pl.read_parquet(path)
    except pl.exceptions.PanicException:  # no Exception: the reader gave up on bytes it did not expect
        raise CorpusError(f"{path}: cannot be read as parquet (it is damaged); write it again") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CorpusError(f"{path}: cannot be read as parquet ({str(error).splitlines()[0]}); write it again") from None


def table_of_frame(frame: Any, name: str = "the table") -> Table:
    """Take the columns out of a pandas or polars frame.

    Raises
    ------
    CorpusError
        If it is neither, or two columns have the same name.
    """
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return Table(name, {column: frame.get_column(column).to_list() for column in frame.columns})
    # A pandas frame can only be given where pandas is loaded already.
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        names = [str(column) for column in frame.columns]
        if len(set(names)) < len(names):
            raise CorpusError(f"{name} has a column twice ({', '.join(names)}); give each column its own name")
        missing = frame.isna()
        return Table(
            name,
            {
                column: [
                    None if gone else value
                    for value, gone in zip(frame.iloc[:, i].tolist(), missing.iloc[:, i].tolist(), strict=True)
                ]
                for i, column in enumerate(names)
            },
        )
    raise CorpusError(
        f"a {type(frame).__name__} cannot be read; give a path, a glob, a list of them, or a pandas or polars frame"
    )
