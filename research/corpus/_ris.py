"""Read RIS, the form in which press databases and reference managers export records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.errors import CorpusError

__all__ = ["RIS_TEXTS", "ris_columns"]

RIS_TEXTS = ("AB", "N2", "text")
"""Columns that hold the articles' texts, and so no metadata."""

_TAGGED = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*))?$")
# For each of this package's names the tags that may hold it, the first that is there.
_TAGS = {
    "id": ("AN", "ID", "UR"),
    "text": ("AB", "N2"),
    "outlet": ("T2", "JO", "JF", "JA", "PB"),
    "date": ("DA", "Y1", "PY"),
    "title": ("TI", "T1"),
    "url": ("UR", "L2"),
    "author": ("AU", "A1"),
}
# EBSCOhost writes a series into T2 and the paper into JO or JF.
_EBSCO_OUTLET = ("JO", "JF", "T2", "JA", "PB")
# "2025/12/05/" or "2025/12//edition"
_DATE = re.compile(r"(\d{4})(?:/(\d{1,2})?(?:/(\d{1,2})?(?:/.*)?)?)?$")


def ris_columns(path: Path, text: str) -> dict[str, list[Any]]:
    """Give the records' tags as columns, and what this package knows by another name under that name too.

    Line breaks within a tag stay, since they part the paragraphs of a full text. A tag that comes twice holds both,
    with a semicolon between. A record without an id is named by the file and its number from 1.

    Raises
    ------
    CorpusError
        If a line belongs to no record, or a record does not end; names the line.
    """
    records: list[dict[str, str]] = []
    record: dict[str, str] | None = None
    tag = ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        found = _TAGGED.match(line)
        if found and found.group(1) == "TY":
            if record is not None:
                raise CorpusError(f"{path}: line {number} begins a record before `ER  - ` ends the one above; add it")
            record, tag = {"TY": (found.group(2) or "").strip()}, "TY"
        elif record is None:
            if line.strip():
                raise CorpusError(
                    f"{path}: line {number} ({line.strip()[:40]!r}) belongs to no record; a record begins with `TY  - `"
                )
        elif found and found.group(1) == "ER":
            records.append(record)
            record = None
        elif found:
            tag, value = found.group(1), (found.group(2) or "").strip()
            record[tag] = f"{record[tag]}; {value}" if tag in record else value
        else:
            record[tag] += f"\n{line}"
    if record is not None:
        raise CorpusError(f"{path}: the last record does not end; add the line `ER  - `")
    tags = list(dict.fromkeys(name for each in records for name in each))
    columns: dict[str, list[Any]] = {name: [each.get(name) or None for each in records] for name in tags}
    for tag in set(_TAGS["date"]) & set(tags):
        columns[tag] = [_iso(cell) for cell in columns[tag]]
    for ours, candidates in _TAGS.items():
        cells = [_first(each, candidates if ours != "outlet" else _outlet_tags(each)) for each in records]
        if any(cell is not None for cell in cells):
            columns[ours] = [_iso(cell) for cell in cells] if ours == "date" else cells
    given = columns.get("id", [None] * len(records))
    columns["id"] = [name or f"{path.stem}-{number}" for number, name in enumerate(given, start=1)]
    return columns


def _first(record: dict[str, str], tags: Sequence[str]) -> str | None:
    return next((record[tag] for tag in tags if record.get(tag)), None)


def _outlet_tags(record: dict[str, str]) -> Sequence[str]:
    return _EBSCO_OUTLET if record.get("DP", "").casefold().startswith("ebsco") else _TAGS["outlet"]


def _iso(date: str | None) -> str | None:
    found = _DATE.match(date) if date else None
    if found is None:
        return date
    parts = [part for part in found.groups() if part]
    return "-".join(part.zfill(2) for part in parts)
