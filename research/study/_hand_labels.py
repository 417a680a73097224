"""Paragraphs whose themes were coded by hand: the file that `themes.labels` names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from research.errors import ConfigError

__all__ = ["HandLabels"]

_COLUMNS = ("paragraph_id", "themes")


class HandLabels:
    """A table with a paragraph's id and its themes, `;` between; no theme means that a coder found none.

    Parameters
    ----------
    path : path
        A CSV file with the columns paragraph_id and themes.
    names : sequence of str
        The codebook's themes.

    Raises
    ------
    ConfigError
        If there is no such file, a column is missing, an id comes twice, or a theme is not the codebook's.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        import polars as pl

        if not path.is_file():
            raise ConfigError(f"{path}: no such file; key `themes.labels` must name a CSV file of coded paragraphs")
        try:
            frame = pl.read_csv(path, infer_schema=False)
        except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: not a CSV file ({' '.join(str(error).split())[:120]})") from None
        missing = [name for name in _COLUMNS if name not in frame.columns]
        if missing:
            raise ConfigError(
                f"{path}: the column {missing[0]} is missing; found are {', '.join(frame.columns)}, needed are "
                f"{' and '.join(_COLUMNS)}"
            )
        self.path = path
        self.themes: dict[str, tuple[str, ...]] = {}
        for row, (name, themes) in enumerate(frame.select(_COLUMNS).iter_rows(), 2):
            found = tuple(part.strip() for part in (themes or "").split(";") if part.strip())
            wrong = [theme for theme in found if theme not in names]
            if not name:
                raise ConfigError(f"{path}, line {row}: paragraph_id is empty; give the id of a paragraph")
            if wrong:
                raise ConfigError(
                    f"{path}, line {row}: `{wrong[0]}` is no theme of the codebook; it has {', '.join(names)}"
                )
            if name in self.themes:
                raise ConfigError(f"{path}, line {row}: the paragraph {name} comes twice; keep one of its rows")
            self.themes[name] = found

    def move(self, stands_for: Mapping[str, str]) -> None:
        """Give labels of repeats to the paragraph they repeat.

        Parameters
        ----------
        stands_for : mapping of str to str
            For each paragraph of the corpus, the first with its text.

        Raises
        ------
        ConfigError
            If the file names a paragraph that the corpus does not have, or codes one text in two ways.
        """
        moved: dict[str, tuple[str, ...]] = {}
        for name, themes in self.themes.items():
            if name not in stands_for:
                raise ConfigError(
                    f"{self.path}: there is no paragraph {name} in the corpus; ids are DOCUMENT:LINE, as the table "
                    "`paragraphs` of a run has them"
                )
            first = stands_for[name]
            if set(moved.setdefault(first, themes)) != set(themes):
                raise ConfigError(
                    f"{self.path}: {name} and another paragraph have the same text and different themes; code alike"
                )
        self.themes = moved
