"""The texts that teach stance: each marks one target, and takes a side for it, against it, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from research._anchors import read_axis
from research.errors import ConfigError
from research.stance._mentions import Mentions, mark_mentions

__all__ = ["StanceAnchors"]


@dataclass(frozen=True)
class StanceAnchors:
    """Anchor texts with a marked target.

    Attributes
    ----------
    name, label, language : str
    pole_names : tuple of str
        Names of the stances -1, 0 and +1.
    texts : tuple of str
        Without the marks.
    mentions : Mentions
        The marked target of each text; embed the texts with ``spans=mentions.spans``.
    poles : ndarray of int64, shape (n_anchors,)
        -1, 0 or +1.
    subjects : tuple of str
    path : Path or None
        The file they were read from; what labels taught lies beside it.
    """

    name: str
    label: str
    language: str
    pole_names: tuple[str, str, str]
    texts: tuple[str, ...]
    mentions: Mentions
    poles: NDArray[np.int64]
    subjects: tuple[str, ...]
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read the anchors that ship under a name, or a YAML file of your own, and take out the marks ``[[...]]``.

        Raises
        ------
        ConfigError
            As `research._anchors.read_axis`, if a text does not mark its target exactly once, and if there is a key
            ``reads``, which is for framing axes.

        Examples
        --------
        >>> anchors = StanceAnchors.load("stance")
        >>> anchors.pole_names
        ('against', 'neutral', 'favor')
        """
        axis = read_axis(name_or_path)
        if axis.reads:
            raise ConfigError(f"{axis.path}: the key `reads` is for framing axes; leave it out of anchors of stance")
        texts, positions = [], []
        for anchor in axis.anchors:
            before, opened, rest = anchor.text.partition("[[")
            target, closed, after = rest.partition("]]")
            if not (opened and closed and target.strip()) or "[[" in target + after or "]]" in before + after:
                raise ConfigError(
                    f"{axis.path}, {anchor.where}: the text must mark its target once, as in `[[India]] signed`; "
                    f"found {anchor.text[:60]!r}"
                )
            text = before + target + after
            start = len(before)
            texts.append(text)
            positions.append((start, start + len(target)))
        return cls(
            name=axis.name,
            label=axis.label,
            language=axis.language,
            pole_names=axis.poles,
            texts=tuple(texts),
            mentions=mark_mentions(texts, positions, axis.language),
            poles=np.array([anchor.pole for anchor in axis.anchors], dtype=np.int64),
            subjects=tuple(anchor.subject for anchor in axis.anchors),
            path=axis.path,
        )
