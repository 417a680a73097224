"""The figures of a paper: each from the run's tables, with the numbers it draws, and to be made again from them."""

from __future__ import annotations

from pathlib import Path

from research._csv import plain_texts
from research.errors import InputError
from research.figures import (
    _article_lines,
    _framing_by_document,
    _framing_by_outlet,
    _framing_by_theme,
    _keywords_by_theme,
    _reliability,
    _stance_by_document,
    _stance_by_target,
    _theme_map,
    _theme_shares_by_document,
)
from research.figures._article_lines import article_lines
from research.figures._framing_by_document import framing_by_document
from research.figures._framing_by_outlet import framing_by_outlet
from research.figures._framing_by_theme import framing_by_theme
from research.figures._keywords_by_theme import keywords_by_theme
from research.figures._plot import Plot, finish, page
from research.figures._reliability import reliability
from research.figures._stance_by_document import stance_by_document
from research.figures._stance_by_target import stance_by_target
from research.figures._style import style, styled
from research.figures._theme_map import theme_map
from research.figures._theme_shares_by_document import theme_shares_by_document

__all__ = [
    "Plot",
    "article_lines",
    "finish",
    "framing_by_document",
    "framing_by_outlet",
    "framing_by_theme",
    "keywords_by_theme",
    "page",
    "reliability",
    "remake",
    "stance_by_document",
    "stance_by_target",
    "style",
    "styled",
    "theme_map",
    "theme_shares_by_document",
]

_DRAWN = {
    "theme_map": (_theme_map.SCHEMA, _theme_map.draw),
    "theme_shares_by_document": (_theme_shares_by_document.SCHEMA, _theme_shares_by_document.draw),
    "framing_by_document": (_framing_by_document.SCHEMA, _framing_by_document.draw),
    "framing_by_outlet": (_framing_by_outlet.SCHEMA, _framing_by_outlet.draw),
    "framing_by_theme": (_framing_by_theme.SCHEMA, _framing_by_theme.draw),
    "article_lines": (_article_lines.SCHEMA, _article_lines.draw),
    "stance_by_target": (_stance_by_target.SCHEMA, _stance_by_target.draw),
    "stance_by_document": (_stance_by_document.SCHEMA, _stance_by_document.draw),
    "keywords_by_theme": (_keywords_by_theme.SCHEMA, _keywords_by_theme.draw),
    "reliability": (_reliability.SCHEMA, _reliability.draw),
}


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
    return draw(plain_texts(data), columns)
