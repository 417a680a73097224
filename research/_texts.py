"""What must not be taken for a list of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.errors import InputError

__all__ = ["refuse_tables"]


def refuse_tables(texts: Any) -> None:
    """Refuse a table or a mapping in the place of texts: to loop over one gives the names of its columns.

    Raises
    ------
    InputError
        Says to give a column.

    Examples
    --------
    >>> refuse_tables({"text": ["Rain fell."]})
    Traceback (most recent call last):
    research.errors.InputError: `texts` is a dict, a whole table; give one of its columns, for example df["text"]
    """
    # Of the type: a frame lets its columns be asked for as attributes, and a lazy one warns.
    if isinstance(texts, Mapping) or hasattr(type(texts), "columns"):
        raise InputError(
            f'`texts` is a {type(texts).__name__}, a whole table; give one of its columns, for example df["text"]'
        )
