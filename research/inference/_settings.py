"""How estimates are to be made: settings that every part of the table shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from research.inference._clusters import Clusters

__all__ = ["COUNTED", "Settings"]

COUNTED = {"once": "every distinct paragraph once", "printed": "paragraphs weighted by how often they are printed"}


@dataclass(frozen=True)
class Settings:
    """What `estimate_groups` was asked for; its docstring says what each means.

    `n_alike` counts, by quantity, the targets or further axes whose comparisons are corrected together.
    """

    repeats: Literal["once", "printed"]
    n_resamples: int
    confidence: float
    random_state: int
    n_alike: Mapping[str, int] = field(default_factory=dict)
    clusters: Clusters | None = None
