"""How estimates are to be made: settings that every part of the table shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["COUNTED", "Settings"]

COUNTED = {"once": "every distinct paragraph once", "printed": "paragraphs weighted by how often they are printed"}


@dataclass(frozen=True)
class Settings:
    """What `estimate_groups` was asked for; its docstring says what each means."""

    repeats: Literal["once", "printed"]
    n_resamples: int
    confidence: float
    random_state: int
