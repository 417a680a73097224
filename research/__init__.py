"""Themes, framing and stance in news text, with their uncertainty and the figures of the paper.

The names in ``__all__`` are the public API. Each loads its stage when it is first used, so that importing the package
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research import corpus, embedding, errors, figures, framing, inference, report, stance, study, themes
    from research.corpus import Corpus, read_corpus
    from research.embedding import Embeddings, Encoder
    from research.framing import Anchors, FramingAxis, LabelledAxis
    from research.inference import estimate_groups
    from research.stance import StanceAnchors, StanceScorer, Target, find_mentions
    from research.study import apply_run, run_study, verify_run
    from research.themes import Codebook, ThemeModel, map_coordinates

__version__ = "0.1.0"

_HOME = {
    "Corpus": "corpus",
    "read_corpus": "corpus",
    "Embeddings": "embedding",
    "Encoder": "embedding",
    "Codebook": "themes",
    "ThemeModel": "themes",
    "map_coordinates": "themes",
    "Anchors": "framing",
    "FramingAxis": "framing",
    "LabelledAxis": "framing",
    "StanceAnchors": "stance",
    "StanceScorer": "stance",
    "Target": "stance",
    "find_mentions": "stance",
    "estimate_groups": "inference",
    "run_study": "study",
    "apply_run": "study",
    "verify_run": "study",
}
_ROOMS = ("corpus", "embedding", "themes", "framing", "stance", "inference", "figures", "report", "study", "errors")

__all__ = [
    "read_corpus",
    "Corpus",
    "Encoder",
    "Embeddings",
    "Codebook",
    "ThemeModel",
    "map_coordinates",
    "Anchors",
    "FramingAxis",
    "LabelledAxis",
    "Target",
    "find_mentions",
    "StanceAnchors",
    "StanceScorer",
    "estimate_groups",
    "run_study",
    "apply_run",
    "verify_run",
    "corpus",
    "embedding",
    "themes",
    "framing",
    "stance",
    "inference",
    "figures",
    "report",
    "study",
    "errors",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"research.{_HOME[name]}"), name)
    elif name in _ROOMS:
        value = import_module(f"research.{name}")
    else:
        raise AttributeError(f"module 'research' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
