"""The figures of a paper: each from the run's tables, with the numbers it draws, and to be made again from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research.errors import InputError
from research.figures import (
    _article_lines,
    _framing_by_document,
    _framing_by_theme,
    _keywords_by_theme,
    _stance_by_document,
    _stance_by_target,
    _theme_map,
    _theme_shares_by_document,
)
from research.figures._article_lines import article_lines
from research.figures._framing_by_document import framing_by_document
from research.figures._framing_by_theme import framing_by_theme
from research.figures._keywords_by_theme import keywords_by_theme
from research.figures._plot import Plot
from research.figures._stance_by_document import stance_by_document
from research.figures._stance_by_target import stance_by_target
from research.figures._style import style
from research.figures._theme_map import theme_map
from research.figures._theme_shares_by_document import theme_shares_by_document

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "FIGURES",
    "Plot",
    "article_lines",
    "framing_by_document",
    "framing_by_theme",
    "keywords_by_theme",
    "remake",
    "stance_by_document",
    "stance_by_target",
    "style",
    "theme_map",
    "theme_shares_by_document",
]

_DRAWN = {
    "theme_map": (_theme_map.SCHEMA, _theme_map.draw),
    "theme_shares_by_document": (_theme_shares_by_document.SCHEMA, _theme_shares_by_document.draw),
    "framing_by_document": (_framing_by_document.SCHEMA, _framing_by_document.draw),
    "framing_by_theme": (_framing_by_theme.SCHEMA, _framing_by_theme.draw),
    "article_lines": (_article_lines.SCHEMA, _article_lines.draw),
    "stance_by_target": (_stance_by_target.SCHEMA, _stance_by_target.draw),
    "stance_by_document": (_stance_by_document.SCHEMA, _stance_by_document.draw),
    "keywords_by_theme": (_keywords_by_theme.SCHEMA, _keywords_by_theme.draw),
}


def _from_tables(function: Callable[..., Plot], *names: str, takes: tuple[str, ...] = ()) -> Callable[..., Plot]:
    def drawn(tables: Mapping[str, pl.DataFrame], *, columns: int = 2, **settings: Any) -> Plot:
        given = {key: value for key, value in settings.items() if key in takes}
        return function(*(tables.get(name) for name in names), columns=columns, **given)

    drawn.__doc__ = f"Draw {function.__name__} from the tables of a run; settings it does not take are passed over."
    return drawn


FIGURES: dict[str, Callable[..., Plot]] = {
    "theme_map": _from_tables(theme_map, "paragraphs", "map", "themes"),
    "theme_shares_by_document": _from_tables(
        theme_shares_by_document, "paragraphs", "themes", "documents", takes=("confidence",)
    ),
    "framing_by_document": _from_tables(framing_by_document, "estimates", "documents", takes=("poles", "confidence")),
    "framing_by_theme": _from_tables(framing_by_theme, "estimates", "themes", takes=("poles", "confidence")),
    "article_lines": _from_tables(article_lines, "paragraphs", "documents", takes=("poles", "confidence")),
    "stance_by_target": _from_tables(stance_by_target, "paragraphs", "estimates", takes=("labels", "confidence")),
    "stance_by_document": _from_tables(stance_by_document, "estimates", "documents", takes=("labels", "confidence")),
    "keywords_by_theme": _from_tables(keywords_by_theme, "keywords", "themes"),
}
"""Every figure by name, each called as ``FIGURES[name](tables, columns=2, confidence=0.95, poles=..., labels=...)``."""


def remake(name: str, csv: str | Path, *, columns: int = 2) -> Plot:
    """Draw a figure again from the CSV that stands beside it.

    Parameters
    ----------
    name : str
        The figure's name.
    csv : str or Path
        The numbers that :meth:`Plot.save` wrote; edit them and the figure follows.
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
        With an unchanged file, the same bytes as before.

    Raises
    ------
    InputError
        If there is no such figure, or the file has other columns than the figure.
    """
    import polars as pl

    if name not in _DRAWN:
        raise InputError(f"there is no figure {name!r}; there are {', '.join(_DRAWN)}")
    schema, draw = _DRAWN[name]
    types = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64}
    path = Path(csv)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; give the CSV that was saved beside the figure")
    try:
        data = pl.read_csv(path, schema_overrides={column: types[kind] for column, kind in schema.items()})
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path}: not the CSV of figure {name}: {str(error).splitlines()[0]}") from error
    if data.columns != list(schema):
        raise InputError(f"{path}: the columns are {', '.join(data.columns)}; figure {name} has {', '.join(schema)}")
    return draw(data, columns)
