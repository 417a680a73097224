"""Paragraphs coded by hand: the files that `themes.labels` and `framing.labels` name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

from research.errors import ConfigError

__all__ = ["HandFraming", "HandLabels"]

Value = TypeVar("Value")

# Labels whose coders agree less than this are no gold (Krippendorff 2004, chapter 11, has .667 as the least for
# tentative conclusions, which the validity card asks for; this floor is far below it).
_FLOOR = 0.4
_FEWEST = 2
_ENDS = (-2.0, 2.0)


def _rows(
    path: Path, key: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> list[tuple[int, dict[str, str | None]]]:
    """Read a CSV file of coded paragraphs as (line, cells), with the columns named and an id in every row.

    Raises
    ------
    ConfigError
        If there is no such file, it is no CSV, a column is missing or an id is empty.
    """
    import polars as pl

    if not path.is_file():
        raise ConfigError(f"{path}: no such file; key `{key}` must name a CSV file of coded paragraphs")
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a CSV file ({' '.join(str(error).split())[:120]})") from None
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise ConfigError(
            f"{path}: the column {missing[0]} is missing; found are {', '.join(frame.columns)}, needed are "
            f"{' and '.join(needed)}"
        )
    columns = [*needed, *(name for name in optional if name in frame.columns)]
    rows = list(enumerate(frame.select(columns).iter_rows(named=True), 2))
    for line, cells in rows:
        if not cells["paragraph_id"]:
            raise ConfigError(f"{path}, line {line}: paragraph_id is empty; give the id of a paragraph")
    return rows


def _moved(
    path: Path,
    labels: Mapping[str, Value],
    stands_for: Mapping[str, str],
    what: str,
    meaning: Callable[[Value], object] = lambda value: value,
) -> dict[str, Value]:
    """Give labels of repeats to the paragraph they repeat; two labels are the same if their meaning is.

    Raises
    ------
    ConfigError
        If the file names a paragraph that the corpus does not have, or codes one text in two ways.
    """
    moved: dict[str, Value] = {}
    for name, value in labels.items():
        if name not in stands_for:
            raise ConfigError(
                f"{path}: there is no paragraph {name} in the corpus; ids are DOCUMENT:LINE, as the table "
                "`paragraphs` of a run has them"
            )
        if meaning(moved.setdefault(stands_for[name], value)) != meaning(value):
            raise ConfigError(
                f"{path}: {name} and another paragraph have the same text and different {what}; code alike"
            )
    return moved


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
        self.path = path
        self.themes: dict[str, tuple[str, ...]] = {}
        for line, cells in _rows(path, "themes.labels", ("paragraph_id", "themes")):
            name = str(cells["paragraph_id"])
            found = tuple(part.strip() for part in (cells["themes"] or "").split(";") if part.strip())
            wrong = [theme for theme in found if theme not in names]
            if wrong:
                raise ConfigError(
                    f"{path}, line {line}: `{wrong[0]}` is no theme of the codebook; it has {', '.join(names)}"
                )
            if name in self.themes:
                raise ConfigError(f"{path}, line {line}: the paragraph {name} comes twice; keep one of its rows")
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
        self.themes = _moved(self.path, self.themes, stands_for, "themes", frozenset)


class HandFraming:
    """A table with a paragraph's id and its framing from -2 to 2, in one row a coder.

    Parameters
    ----------
    path : path
        A CSV file with the columns paragraph_id and framing, and coder where several coded.

    Attributes
    ----------
    coders : tuple of str
    alpha : float or None
        Krippendorff's alpha (ordinal); None with one coder, or where it is not defined.

    Raises
    ------
    ConfigError
        If there is no such file, a column is missing, a coder codes a paragraph twice, a framing is no number from -2
        to 2, fewer than two paragraphs are coded, or the coders agree too little for gold labels.
    """

    def __init__(self, path: Path) -> None:
        from research.inference import krippendorff_alpha

        self.path = path
        self._codes: dict[str, dict[str, float]] = {}
        for line, cells in _rows(path, "framing.labels", ("paragraph_id", "framing"), ("coder",)):
            name, coder = str(cells["paragraph_id"]), cells.get("coder")
            if "coder" in cells and not coder:
                raise ConfigError(f"{path}, line {line}: coder is empty; say who coded {name}")
            codes = self._codes.setdefault(coder or "", {})
            if name in codes:
                raise ConfigError(
                    f"{path}, line {line}: {f'{coder} codes ' if coder else ''}the paragraph {name} "
                    f"{'twice' if coder else 'comes twice'}; keep one of its rows"
                    + ("" if coder else ", or say in a column coder who coded it")
                )
            codes[name] = self._framing(cells["framing"], line)
        paragraphs = list(dict.fromkeys(name for codes in self._codes.values() for name in codes))
        if len(paragraphs) < _FEWEST:
            raise ConfigError(f"{path}: {len(paragraphs)} paragraph(s) are coded; at least {_FEWEST} are needed")
        self.coders = tuple(self._codes)
        self.alpha: float | None = None
        if len(self.coders) > 1:
            table = [[codes.get(name, float("nan")) for name in paragraphs] for codes in self._codes.values()]
            alpha = krippendorff_alpha(table, "ordinal")
            self.alpha = alpha if alpha == alpha else None  # NaN where nothing can be compared
        if self.alpha is not None and self.alpha < _FLOOR:
            raise ConfigError(
                f"{path}: the {len(self.coders)} coders' framing has an alpha of {self.alpha:.2f}; below {_FLOOR} "
                "labels are refused as gold: make the codebook clearer and code again, or leave `framing.labels` out"
            )

    def _framing(self, cell: str | None, line: int) -> float:
        try:
            value = float(cell or "")
        except ValueError:
            value = float("nan")
        if not _ENDS[0] <= value <= _ENDS[1]:
            raise ConfigError(
                f"{self.path}, line {line}: framing is {cell or 'empty'!r}; give a number from -2 (clearly the "
                "negative pole) over 0 (plain report) to 2 (clearly the positive pole)"
            )
        return value

    def move(self, stands_for: Mapping[str, str]) -> None:
        """Give labels of repeats to the paragraph they repeat; see `HandLabels.move`."""
        self._codes = {
            coder: _moved(self.path, codes, stands_for, f"framing by {coder}" if coder else "framing")
            for coder, codes in self._codes.items()
        }

    def values(self) -> dict[str, float]:
        """Give each coded paragraph's framing: the median of its coders, in [-2, 2]."""
        found: dict[str, list[float]] = {}
        for codes in self._codes.values():
            for name, value in codes.items():
                found.setdefault(name, []).append(value)
        return {name: float(median(given)) for name, given in found.items()}
