"""The figures of a study: which there are, and which tables each is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from research import figures
from research.figures import Plot
from research.figures._tables import no_comparison

__all__ = ["FIGURES", "Wording"]


@dataclass(frozen=True)
class Wording:
    """What the tables do not hold and a figure must say.

    Attributes
    ----------
    poles : tuple of str
        Names of the framing axis's negative and positive pole.
    targets : dict of str to str
        Readable name of each target.
    confidence : float
        Of the intervals.
    repeats : {"once", "printed"}
        How repeated paragraphs count.
    column : str or None
        The metadata column whose values are compared.
    """

    poles: tuple[str, str]
    targets: dict[str, str]
    confidence: float
    repeats: Literal["once", "printed"] = "once"
    column: str | None = None


Tables = Mapping[str, pl.DataFrame]


def _by_outlet(tables: Tables, wording: Wording) -> Plot | None:
    """Draw groups of documents where there are any to compare; the report says it where there are not."""
    if wording.column is None or no_comparison(tables["estimates"], wording.column, "framing"):
        return None
    return figures.framing_by_outlet(
        tables["estimates"], column=wording.column, poles=wording.poles, confidence=wording.confidence
    )


FIGURES: dict[str, Callable[[Tables, Wording], Plot | None]] = {
    "theme_map": lambda t, w: figures.theme_map(t["paragraphs"], t["map"], t["themes"]),
    "theme_shares_by_document": lambda t, w: figures.theme_shares_by_document(
        t["estimates"], t["themes"], t["documents"], confidence=w.confidence
    ),
    "framing_by_document": lambda t, w: figures.framing_by_document(
        t["estimates"], t["documents"], poles=w.poles, confidence=w.confidence
    ),
    "framing_by_outlet": _by_outlet,
    "framing_by_theme": lambda t, w: figures.framing_by_theme(
        t["estimates"], t["themes"], poles=w.poles, confidence=w.confidence
    ),
    "article_lines": lambda t, w: figures.article_lines(
        t["paragraphs"], t["documents"], poles=w.poles, confidence=w.confidence
    ),
    "stance_by_target": lambda t, w: figures.stance_by_target(
        t["paragraphs"], t["estimates"], labels=w.targets, repeats=w.repeats, confidence=w.confidence
    ),
    "stance_by_document": lambda t, w: figures.stance_by_document(
        t["estimates"], t["documents"], labels=w.targets, confidence=w.confidence
    ),
    "keywords_by_theme": lambda t, w: figures.keywords_by_theme(t["keywords"], t["themes"]),
}
