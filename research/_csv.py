"""Tables as CSV that a spreadsheet opens without taking any text for a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["plain_text", "plain_texts", "safe_csv"]

# The last four are the wide forms, which spreadsheets in East Asian languages read as the others.
_FORMULA = r"^'*[=+\-@\t\r\n＝＋－＠]"


def safe_csv(frame: pl.DataFrame) -> str:
    """Give a table as CSV in which no text or heading is taken for a formula by a spreadsheet.

    Parameters
    ----------
    frame : polars.DataFrame

    Returns
    -------
    str
        What begins like a formula, after any number of ``'``, gets one more ``'`` in front; `plain_texts` takes it
        off again, so no text is changed by being written and read.

    Examples
    --------
    >>> import polars as pl
    >>> print(safe_csv(pl.DataFrame({"title": ["=1+1", "plain"]})), end="")
    title
    '=1+1
    plain
    """
    import polars as pl

    marked = frame.with_columns(pl.col(pl.String).str.replace(f"({_FORMULA})", "'${1}"))
    return marked.rename({name: f"'{name}" for name in frame.columns if re.match(_FORMULA, name)}).write_csv()


def plain_text(text: str) -> str:
    """Take the mark of `safe_csv` off one text.

    Examples
    --------
    >>> plain_text("'=1+1"), plain_text("''=1+1"), plain_text("'tis"), plain_text("he wrote '-5")
    ('=1+1', "'=1+1", "'tis", "he wrote '-5")
    """
    return text[1:] if text.startswith("'") and re.match(_FORMULA, text) else text


def plain_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the marks of `safe_csv` off a table that was read from its CSV.

    Parameters
    ----------
    frame : polars.DataFrame

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    plain = frame.with_columns(pl.col(pl.String).str.replace(f"^'({_FORMULA[1:]})", "${1}"))
    return plain.rename({name: plain_text(name) for name in frame.columns})
