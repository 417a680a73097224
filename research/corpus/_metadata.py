"""What is known of a document beside its text: the values of cells, and the fields that have a name."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

from research._tables import UNKNOWN
from research.corpus._text import clean
from research.errors import InputError

__all__ = ["FIELDS", "as_text", "iso_date", "meant_field"]

FIELDS = ("outlet", "date", "title", "url")
_KNOWN = (*FIELDS, "author")
_OTHER_WORDS = {"datum": "date"}

_ISO = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ]\d{2}:?\d{2}.*)?$")
_WRITTEN = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y %B %d", "%Y %b %d")
_DAY_NAME = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
# Before the date, or after it with the hour: "Friday, December 12, 2025", "December 12, 2025 Friday 10:15 PM GMT".
_WEEKDAY = re.compile(rf"^{_DAY_NAME},?\s+|,?\s+{_DAY_NAME}(?:,?\s+\d{{1,2}}:\d{{2}}.*)?$", re.IGNORECASE)
_SEPT = re.compile(r"\bsept\b", re.IGNORECASE)


def as_text(value: Any) -> str:
    """Give a cell as text, `unknown` where it is missing or blank; a date becomes ISO, a whole number loses its `.0`.

    Examples
    --------
    >>> as_text(None), as_text(7.0), as_text(" The Hill ")
    ('unknown', '7', 'The Hill')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time(0)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(str(value)) or UNKNOWN


def iso_date(value: Any, where: str, error: type[InputError]) -> str:
    """Give a date as ISO (a year, a year and month, or a day), `unknown` where it is missing.

    Dates with the month in words, and `2025/12/06`, are understood; those whose order of day and month cannot be known
    are refused.

    Raises
    ------
    InputError
        Of the class `error`, beginning with `where`.

    Examples
    --------
    >>> iso_date("Friday, December 12, 2025", "row 0", InputError), iso_date("2025-12-12T08:00Z", "row 0", InputError)
    ('2025-12-12', '2025-12-12')
    """
    text = as_text(value)
    if text == UNKNOWN:
        return UNKNOWN
    if match := _ISO.match(text):
        parts = match.group(1)
        try:
            datetime.date.fromisoformat(
                parts + "-01-01"[: 10 - len(parts)] if len(parts) == 4 else parts + "-01" * (len(parts) == 7)
            )
        except ValueError:
            raise error(f"{where}: the date {text!r} does not exist; write it as YYYY-MM-DD or leave it out") from None
        return parts
    plain = _SEPT.sub("Sep", " ".join(_WEEKDAY.sub("", text).replace(",", " ").replace(".", " ").split()))
    for form in _WRITTEN:
        try:
            return datetime.datetime.strptime(plain, form).date().isoformat()  # a day has no time zone
        except ValueError:
            continue
    raise error(f"{where}: the date {text!r} cannot be read without guessing; write it as YYYY-MM-DD or leave it out")


def meant_field(key: str) -> str | None:
    """Give the known field that a key is a misspelling of, if it is one."""
    return None if key in _KNOWN else next((known for known in _KNOWN if _is_like(key, known)), None)


def _is_like(key: str, known: str) -> bool:
    """Tell whether a key is a known one in other letter case, or with one letter more, less, changed or swapped."""
    key = key.strip().casefold()
    if key == known or _OTHER_WORDS.get(key) == known:
        return True
    if key[:1] != known[0] or abs(len(key) - len(known)) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(key, known, strict=False)) if a != b), min(len(key), len(known)))
    a, b = key[same:], known[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
