"""The gates of a validity card: what each check must reach, and what it means where it does not.

They are conventions, set before any corpus was looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Gate:
    """A bound in words, whether a value keeps it, and the failure in words."""

    text: str
    holds: Callable[[float], bool]
    failure: str


def _at_least(bound: float, failure: str) -> Gate:
    return Gate(f">= {bound:.2f}", lambda value: value >= bound, failure)


def _at_most(bound: float, failure: str) -> Gate:
    return Gate(f"<= {bound:.2f}", lambda value: value <= bound, failure)


def _within(bound: float, failure: str) -> Gate:
    return Gate(f"between -{bound:.2f} and {bound:.2f}", lambda value: abs(value) <= bound, failure)


POLES = _at_least(0.7, "the anchors of the poles are hard to tell apart on subjects that were left out")
SETS = _at_least(0.7, "texts on one subject in two voices are often put in the wrong order")
NULL = _at_most(0.05, "anchors with their poles swapped at random do as well, so the poles may be chance")
SINGLE = _at_least(0.9, "one subject's anchors decide about the order of these texts")
OTHER = _within(0.5, "the score shares more than a quarter of its rank variance with {name}")
THEMES = _at_most(
    0.25, "more than a quarter of the score's variance lies between themes, so it may follow what a text is about"
)
ENDS = _at_most(0.25, "many texts lie at an end of the scale, where the score no longer tells them apart")
ALPHA = _at_least(0.67, "the coders agree too little for more than tentative conclusions")
SPEARMAN = _at_least(0.4, "the score follows the labels loosely")
AUROC = _at_least(0.7, "the score tells the pole from the rest poorly")
GAP = _at_most(0.1, "much of the agreement with the labels comes from what the texts are about")
