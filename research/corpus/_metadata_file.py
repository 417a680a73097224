"""Read the file that says what is known of the documents: YAML, or a table with a row a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from research._shipped import nearest
from research._yaml import read_yaml_mapping
from research.corpus._files import TABLE_SUFFIXES, read_table, suffix_of
from research.corpus._mapping import settle_dates
from research.corpus._metadata import as_text, iso_date, meant_field
from research.corpus._text import clean
from research.errors import ConfigError

__all__ = ["read_metadata"]

_RESERVED = ("document_id", "id", "text")
_SEPARATORS = {":": "a space after the colon", ";": "a comma instead of the semicolon", "=": "a colon instead of the ="}


def read_metadata(path: Path, names: Mapping[str, str], date_format: str | None = None) -> dict[str, dict[str, str]]:
    """Read what a file says of the documents.

    Parameters
    ----------
    path : Path
        A YAML mapping ``document -> {outlet: ..., date: ..., title: ..., url: ..., any further key: ...}``, or a table
        (.csv, .jsonl, .parquet) with a column `id` or `document_id` and a column for each key.
    names : mapping of str to str
        The document's id, by every name that the file may give it.
    date_format : str or None
        Of the dates in a table, where they are in figures and do not show their order.

    Returns
    -------
    dict
        For each document in the file, its keys as text.

    Raises
    ------
    InputError
        If the file is not such a mapping or table, names a document that is not there or one twice, a value is missing,
        a list or a mapping, or a key is one that is known, misspelt.
    """
    result: dict[str, dict[str, str]] = {}
    said: dict[str, str] = {}
    is_table = suffix_of(path) in TABLE_SUFFIXES
    for name, where, entry in _from_table(path, date_format) if is_table else _from_yaml(path):
        document_id = names.get(clean(name))
        if document_id is None:
            raise ConfigError(
                f"{where} is no document of this corpus{nearest(clean(name), sorted(names))}; write the file's name, "
                "whole or up to the first `_`, or its table's id"
            )
        if document_id in result:
            raise ConfigError(f"{where} is the document that {said[document_id]} names too; keep one of the two")
        said[document_id] = f"`{name}`"
        result[document_id] = entry
    return result


def _from_yaml(path: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give each document's name, what errors call the place, and its values."""
    for name, entry in read_yaml_mapping(path).items():
        if not isinstance(entry, dict):
            raise ConfigError(
                f"{path}: key `{name}` holds {entry!r}; it must hold `key: value` lines, such as `outlet: ...`"
            )
        values: dict[str, str] = {}
        for key, value in entry.items():
            where = f"{path}: key `{name}: {key}`"
            _check_key(key, entry, where)
            if value is None:
                raise ConfigError(f"{where} has no value; write `{key}: ...`, or leave it out")
            values[key] = _value(key, value, where)
        yield name, f"{path}: key `{name}`", values


def _from_table(path: Path, date_format: str | None) -> Iterator[tuple[str, str, dict[str, str]]]:
    table = settle_dates(read_table(path), date_format)
    column = next((name for name in ("id", "document_id") if name in table.columns), None)
    if column is None:
        names = ", ".join(f"`{name}`" for name in table.columns)
        raise ConfigError(f"{path} has no column `id` or `document_id`; its columns are {names}: rename one")
    keys = [name for name in table.columns if name != column]
    for key in keys:
        _check_key(key, keys, f"{path}: column `{key}`")
    for row, cell in enumerate(table.columns[column]):
        if cell is None:
            raise ConfigError(f"{path}: row {row} (from 0) has no `{column}`; fill it or remove the row")
        where = f"{path}: row {row} (from 0)"
        values = {
            key: _value(key, table.columns[key][row], f"{where}, column `{key}`")
            for key in keys
            if table.columns[key][row] is not None
        }
        yield as_text(cell), f"{where}: `{as_text(cell)}`", values


def _value(key: str, value: Any, where: str) -> str:
    if isinstance(value, list | dict):
        raise ConfigError(f"{where} holds a {type(value).__name__}; it must hold one value")
    return iso_date(value, where, ConfigError) if key == "date" else as_text(value)


def _check_key(key: str, beside: Iterable[str], where: str) -> None:
    """Refuse a key that cannot be set, that swallowed a value, or that is a known one misspelt."""
    if key in _RESERVED:
        raise ConfigError(f"{where} cannot be set here; the ids and texts come from the files")
    mark = next((mark for mark in _SEPARATORS if mark in key), None)
    if mark:
        raise ConfigError(
            f"{where}: a key holds no `{mark}`; write `key: value`, with {_SEPARATORS[mark]}, and a comma between two"
        )
    meant = meant_field(key)
    if meant and meant not in beside:
        raise ConfigError(f"{where} is not known (did you mean `{meant}`?); write `{meant}`, or give it another name")
