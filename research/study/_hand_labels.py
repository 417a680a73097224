"""Paragraphs coded by hand: the files that `themes.labels`, `framing.labels` and `stance.labels` name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Generic, TypeVar

from research._shipped import nearest
from research.corpus import read_csv
from research.errors import ConfigError, CorpusError

__all__ = ["HandFraming", "HandLabels", "HandStance"]

Value = TypeVar("Value")
Unit = TypeVar("Unit", bound=Hashable)

# Labels whose coders agree less than this are no gold (Krippendorff 2004, chapter 11, has .667 as the least for
# tentative conclusions, which the validity card asks for; this floor is far below it).
_FLOOR = 0.4
_FEWEST = 2
_FRAMINGS = (-2.0, -1.0, 0.0, 1.0, 2.0)
# NaN: a coder found the target not mentioned, which says nothing of a stance.
_STANCES = {"favor": 1.0, "neutral": 0.0, "against": -1.0, "absent": float("nan")}


def _rows(
    path: Path, key: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> list[tuple[int, dict[str, str | None]]]:
    """Read a CSV file of coded paragraphs as (line, cells), with the columns named and an id in every row.

    Raises
    ------
    ConfigError
        If there is no such file, it is no CSV, a column is missing or an id is empty.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; key `{key}` must name a CSV file of coded paragraphs")
    try:
        table = read_csv(path).columns
    except CorpusError as error:
        said = str(error).replace("; remove it from the source or fill it", "")
        raise ConfigError(f"{said}; key `{key}` must name a CSV file of coded paragraphs") from None
    missing = [name for name in needed if name not in table]
    if missing:
        raise ConfigError(
            f"{path}: the column {missing[0]} is missing; found are {', '.join(table)}, needed are "
            f"{' and '.join(needed)}"
        )
    columns = [*needed, *(name for name in optional if name in table)]
    cells = zip(*(table[name] for name in columns), strict=True)
    rows = [(line, dict(zip(columns, row, strict=True))) for line, row in enumerate(cells, 2)]
    for line, row in rows:
        if not row["paragraph_id"]:
            raise ConfigError(f"{path}, line {line}: paragraph_id is empty; give the id of a paragraph")
    return rows


def _found(cell: str | None) -> str:
    return repr(cell) if cell and cell.strip() else "empty"


def _refuse_unknown(path: Path, lines: Mapping[str, int], stands_for: Mapping[str, str]) -> None:
    """Refuse labels of paragraphs that the corpus does not have; `lines` says where each paragraph comes first.

    Raises
    ------
    ConfigError
        Names the first, its line, and how many more there are.
    """
    unknown = [name for name in lines if name not in stands_for]
    if unknown:
        more = f" (nor {len(unknown) - 1:,} more that the file names)" if len(unknown) > 1 else ""
        raise ConfigError(
            f"{path}, line {lines[unknown[0]]}: there is no paragraph {unknown[0]} in the corpus{more}; ids are "
            "DOCUMENT:LINE, as the table `paragraphs` of a run has them"
        )


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
        If the file codes one text in two ways.
    """
    moved: dict[str, Value] = {}
    for name, value in labels.items():
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
        self._lines: dict[str, int] = {}
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
            self.themes[name], self._lines[name] = found, line

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
        _refuse_unknown(self.path, self._lines, stands_for)
        self.themes = _moved(self.path, self.themes, stands_for, "themes", frozenset)


class _Coded(ABC, Generic[Unit]):
    """What one or several coders gave units of a file's rows, each coder each unit once, and how far they agree."""

    key: str
    what: str
    counted: str
    needed: tuple[str, ...]

    def __init__(self, path: Path) -> None:
        from research.inference import krippendorff_alpha

        self.path = path
        self._codes: dict[str, dict[Unit, float]] = {}
        self._lines: dict[str, int] = {}
        for line, cells in _rows(path, self.key, self.needed, ("coder",)):
            unit, coder = self._unit(cells, line), cells.get("coder")
            if "coder" in cells and not coder:
                raise ConfigError(f"{path}, line {line}: coder is empty; say who coded {self._shown(unit)}")
            codes = self._codes.setdefault(coder or "", {})
            if unit in codes:
                raise ConfigError(
                    f"{path}, line {line}: {f'{coder} codes ' if coder else ''}the paragraph {self._shown(unit)} "
                    f"{'twice' if coder else 'comes twice'}; keep one of its rows"
                    + ("" if coder else ", or say in a column coder who coded it")
                )
            codes[unit] = self._value(cells, line)
            self._lines.setdefault(str(cells["paragraph_id"]), line)
        units = list(dict.fromkeys(unit for codes in self._codes.values() for unit in codes))
        n_coded = sum(any(value == value for value in given) for given in self._given().values())
        if n_coded < _FEWEST:
            raise ConfigError(f"{path}: {n_coded} {self.counted} coded; at least {_FEWEST} are needed")
        self.coders = tuple(self._codes)
        self.alpha: float | None = None
        self.n_shared = sum(len(given) > 1 for given in self._given().values())
        if len(self.coders) > 1:
            table = [[codes.get(unit, float("nan")) for unit in units] for codes in self._codes.values()]
            alpha = krippendorff_alpha(table, "ordinal")
            self.alpha = alpha if alpha == alpha else None  # NaN where nothing can be compared
        if self.alpha is not None and self.alpha < _FLOOR:
            raise ConfigError(
                f"{path}: the {len(self.coders)} coders' {self.what} has an alpha of {self.alpha:.2f}; below {_FLOOR} "
                f"labels are refused as gold: make the codebook clearer and code again, or leave `{self.key}` out"
            )

    @abstractmethod
    def _unit(self, cells: Mapping[str, str | None], line: int) -> Unit:
        """Read which unit a row is of."""

    @abstractmethod
    def _shown(self, unit: Unit) -> str:
        """Name a unit in a message."""

    @abstractmethod
    def _value(self, cells: Mapping[str, str | None], line: int) -> float:
        """Read what the unit is coded as; NaN where that says nothing."""

    def doubts(self) -> list[str]:
        """Say in a sentence which of several coders coded nothing that another did: their agreement is not known."""
        alone = [
            coder
            for coder, codes in self._codes.items()
            if not any(unit in others for name, others in self._codes.items() if name != coder for unit in codes)
        ]
        if len(self.coders) < 2 or not alone:
            return []
        return [
            f"Of the {len(self.coders)} coders of `{self.key}` ({self.path.name}), {', '.join(alone)} coded nothing "
            "that another did, so how far they agree is not known, and labels of coders who do not agree are no gold: "
            "let two code some alike."
        ]

    def _given(self) -> dict[Unit, list[float]]:
        """Give what each unit's coders gave it."""
        found: dict[Unit, list[float]] = {}
        for codes in self._codes.values():
            for unit, value in codes.items():
                found.setdefault(unit, []).append(value)
        return found


class HandFraming(_Coded[str]):
    """A table with a paragraph's id and its framing, a whole number from -2 to 2, in one row a coder.

    Parameters
    ----------
    path : path
        A CSV file with the columns paragraph_id and framing, and coder where several coded.

    Attributes
    ----------
    coders : tuple of str
    n_shared : int
        Units that two or more coded.
    alpha : float or None
        Krippendorff's alpha (ordinal); None with one coder, or where it is not defined.

    Raises
    ------
    ConfigError
        If there is no such file, a column is missing, a coder codes a paragraph twice, a framing is no whole number
        from -2 to 2, fewer than two paragraphs are coded, or the coders agree too little for gold labels.
    """

    key, what, counted = "framing.labels", "framing", "paragraph(s) are"
    needed = ("paragraph_id", "framing")

    def _unit(self, cells: Mapping[str, str | None], line: int) -> str:
        return str(cells["paragraph_id"])

    def _shown(self, unit: str) -> str:
        return unit

    def _value(self, cells: Mapping[str, str | None], line: int) -> float:
        cell = cells["framing"]
        try:
            value = float(cell or "")
        except ValueError:
            value = float("nan")
        if value not in _FRAMINGS:
            raise ConfigError(
                f"{self.path}, line {line}: framing is {_found(cell)}; give a whole number from -2 (clearly the "
                "negative pole) over 0 (plain report) to 2 (clearly the positive pole)"
            )
        return value

    def move(self, stands_for: Mapping[str, str]) -> None:
        """Give labels of repeats to the paragraph they repeat; see `HandLabels.move`."""
        _refuse_unknown(self.path, self._lines, stands_for)
        self._codes = {
            coder: _moved(self.path, codes, stands_for, f"framing by {coder}" if coder else "framing")
            for coder, codes in self._codes.items()
        }

    def values(self) -> dict[str, float]:
        """Give each coded paragraph's framing: the median of its coders, in [-2, 2]."""
        return {name: float(median(given)) for name, given in self._given().items()}


class HandStance(_Coded[tuple[str, str]]):
    """A table with a paragraph's id, a target and the stance toward it, in one row a coder.

    Parameters
    ----------
    path : path
        A CSV file with the columns paragraph_id, target and stance (favor, neutral, against or absent), and coder
        where several coded.
    targets : sequence of str
        Those of the study.

    Attributes
    ----------
    coders : tuple of str
    n_shared : int
        Units that two or more coded.
    alpha : float or None
        Krippendorff's alpha (ordinal, absent left out); None with one coder, or where it is not defined.

    Raises
    ------
    ConfigError
        If there is no such file, a column is missing, a target is not the study's, a stance is none of the four, a
        coder codes a target of a paragraph twice, fewer than two are coded other than absent, or the coders agree too
        little.
    """

    key, what, counted = "stance.labels", "stance", "stance(s) other than absent are"
    needed = ("paragraph_id", "target", "stance")

    def __init__(self, path: Path, targets: Sequence[str]) -> None:
        self._targets = tuple(targets)
        super().__init__(path)

    def _unit(self, cells: Mapping[str, str | None], line: int) -> tuple[str, str]:
        target = (cells["target"] or "").strip()
        if target not in self._targets:
            raise ConfigError(
                f"{self.path}, line {line}: the study has no target `{target}`{nearest(target, list(self._targets))}; "
                f"it has {', '.join(self._targets)}"
            )
        return str(cells["paragraph_id"]), target

    def _shown(self, unit: tuple[str, str]) -> str:
        return f"{unit[0]} toward {unit[1]}"

    def _value(self, cells: Mapping[str, str | None], line: int) -> float:
        stance = (cells["stance"] or "").strip().lower()
        if stance not in _STANCES:
            raise ConfigError(
                f"{self.path}, line {line}: stance is {_found(cells['stance'])}; give one of {', '.join(_STANCES)}"
            )
        return _STANCES[stance]

    def move(self, stands_for: Mapping[str, str]) -> None:
        """Give labels of repeats to the paragraph they repeat; see `HandLabels.move`."""
        _refuse_unknown(self.path, self._lines, stands_for)
        moved: dict[str, dict[tuple[str, str], float]] = {}
        for coder, codes in self._codes.items():
            by = f" by {coder}" if coder else ""
            for target in dict.fromkeys(target for _, target in codes):
                own = {name: value for (name, of), value in codes.items() if of == target}
                found = _moved(self.path, own, stands_for, f"stance toward {target}{by}", str)
                moved.setdefault(coder, {}).update({(name, target): value for name, value in found.items()})
        self._codes = moved

    def values(self) -> dict[tuple[str, str], float]:
        """Give the stance toward each target of each paragraph, in [-1, 1]: the mean of those who saw it mentioned."""
        seen = {unit: [value for value in given if value == value] for unit, given in self._given().items()}
        return {unit: sum(given) / len(given) for unit, given in seen.items() if given}
