"""The texts that define a framing axis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from research._anchors import read_axis
from research.framing._features import Reads

__all__ = ["Anchors"]


@dataclass(frozen=True)
class Anchors:
    """Anchor texts of one axis: each in the voice of a pole, or a plain report, about a subject.

    Attributes
    ----------
    name, label, language : str
    pole_names : tuple of str
        Names of the voices at -1, 0 and +1.
    texts : tuple of str
    poles : ndarray of int64, shape (n_anchors,)
        -1, 0 or +1.
    subjects : tuple of str
        Texts on one subject are held out together when anchors are scored.
    reads : {"voice", "content"}
        Whether the axis is about how a text tells or what it tells; says which hidden layers a `FramingAxis` made from
        these anchors reads.
    path : Path or None
        The file they were read from; what labels taught a shipped axis lies beside it.
    """

    name: str
    label: str
    language: str
    pole_names: tuple[str, str, str]
    texts: tuple[str, ...]
    poles: NDArray[np.int64]
    subjects: tuple[str, ...]
    path: Path | None = None
    reads: Reads = "voice"

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read the axis that ships under a name, or a YAML file of your own.

        Raises
        ------
        ConfigError
            If the file is missing or wrong: which file, entry and key, and what is allowed.

        Examples
        --------
        >>> anchors = Anchors.load("celebratory")
        >>> sorted(set(anchors.poles.tolist()))
        [-1, 0, 1]
        """
        axis = read_axis(name_or_path)
        return cls(
            name=axis.name,
            label=axis.label,
            language=axis.language,
            pole_names=axis.poles,
            texts=tuple(anchor.text for anchor in axis.anchors),
            poles=np.array([anchor.pole for anchor in axis.anchors], dtype=np.int64),
            subjects=tuple(anchor.subject for anchor in axis.anchors),
            path=axis.path,
            reads="content" if axis.reads == "content" else "voice",
        )
