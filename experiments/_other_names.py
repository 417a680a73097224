"""Labelled mentions under other names, so that stance is learned from what is said and not from who is named.

The same sentence about Russia and about Japan should score the same, yet a scorer that learns from news learns who is
faulted there. Two remedies, neither of which needs a label: every mention whose target belongs to a kind of
`configs/labels/names.yaml` is taught under other names of that kind as well (counterfactual augmentation: Lu et al.
2020, Gender bias in neural natural language processing; Kaushik, Hovy & Lipton 2020, Learning the difference that makes
a difference), and each name that was taught is neutral where a sentence does nothing but name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments._stance_corpora import LabelledMentions, joined
from research._yaml import read_yaml_mapping
from research.errors import ConfigError

__all__ = ["Lesson", "Names", "bare_names", "drawn_names", "lesson_of", "share_of_name", "under_other_names"]

_POSSESSIVE = re.compile(r"['’]s?$")
# What says no more of a target than its name.
_BARE = ("This article is about ", ".")


@dataclass(frozen=True)
class Names:
    """Names by kind; within a kind any can take the place of any other."""

    kinds: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path) -> Names:
        """Read a YAML file with a line of names, divided by commas, for each kind.

        Raises
        ------
        ConfigError
            If the file cannot be read, or a kind has fewer than two names.
        """
        kinds = {}
        for kind, names in read_yaml_mapping(path).items():
            found = tuple(dict.fromkeys(name.strip() for name in str(names).split(",") if name.strip()))
            if len(found) < 2:
                raise ConfigError(f"{path}, {kind}: {str(names)[:60]!r} is not two names or more divided by commas")
            kinds[kind] = found
        return cls(kinds)

    def find(self, mention: str) -> tuple[str, str] | None:
        """Give the name that a mention ends with, before a possessive, and its kind; the longest, of the first kind.

        Examples
        --------
        >>> Names({"countries": ("Chad", "Peru")}).find("neighbouring Peru’s")
        ('Peru', 'countries')
        """
        bare = _POSSESSIVE.sub("", mention)
        fits = [
            (name, kind)
            for kind, names in self.kinds.items()
            for name in names
            if bare == name or bare.endswith(f" {name}")
        ]
        return max(fits, key=lambda fit: len(fit[0])) if fits else None


def under_other_names(
    mentions: LabelledMentions, names: Names, copies: int, random_state: int
) -> tuple[LabelledMentions, NDArray[np.int64]]:
    """Give the mentions again with other names of the same kind, drawn for each text, and the row each is a copy of.

    The name is replaced wherever its text has it. A name that begins with a vowel takes the place of one that does, so
    that *a* and *an* stay right. Mentions of no known kind have no copies.

    Parameters
    ----------
    mentions : LabelledMentions
    names : Names
    copies : int
        Copies a mention, or as many as there are other names.
    random_state : int

    Returns
    -------
    LabelledMentions
        With the labels and the documents of what they are copies of.
    ndarray of int64
        The row of each in `mentions`.
    """
    generator = np.random.default_rng([random_state, 11])
    texts, positions, owner = [], [], []
    for row, (text, (start, end)) in enumerate(zip(mentions.texts, mentions.positions, strict=True)):
        found = names.find(text[start:end])
        if found is None:
            continue
        name, kind = found
        at = text.rindex(name, start, end)
        others = [each for each in names.kinds[kind] if each != name and _vowel(each) == _vowel(name)]
        everywhere = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        for place in generator.permutation(len(others))[:copies]:
            other = others[place]
            before, after = everywhere.sub(other, text[:at]), everywhere.sub(other, text[at + len(name) :])
            first = len(everywhere.sub(other, text[:start]))
            texts.append(before + other + after)
            positions.append((first, len(before) + len(other) + end - at - len(name)))
            owner.append(row)
    rows = np.array(owner, dtype=np.int64)
    return replace(mentions.take(rows), texts=texts, positions=positions), rows


def _vowel(name: str) -> bool:
    return name[0].lower() in "aeiou"


def bare_names(mentions: LabelledMentions) -> LabelledMentions:
    """Give, for each name that is mentioned, a sentence that does nothing but name it; all are neutral."""
    before, after = _BARE
    found = sorted({text[start:end] for text, (start, end) in zip(mentions.texts, mentions.positions, strict=True)})
    return replace(
        mentions,
        texts=[before + name + after for name in found],
        positions=[(len(before), len(before) + len(name)) for name in found],
        documents=[f"the name {name}" for name in found],
        y=np.zeros(len(found)),
        split=["names"] * len(found),
    )


@dataclass(frozen=True)
class Lesson:
    """Labelled mentions, then their copies under other names, then the bare names.

    Attributes
    ----------
    mentions : LabelledMentions
    weights : ndarray of float64, shape (n,)
        A mention and its copies share the weight 1, and so has each bare name.
    as_written : ndarray of bool, shape (n,)
        Which are the mentions themselves; they come first.
    """

    mentions: LabelledMentions
    weights: NDArray[np.float64]
    as_written: NDArray[np.bool_]


def lesson_of(mentions: LabelledMentions, names: Names, copies: int, random_state: int) -> Lesson:
    """Give what labelled mentions teach if the score is not to depend on who is named."""
    copied, owner = under_other_names(mentions, names, copies, random_state)
    bare = bare_names(mentions)
    share = 1.0 / (1.0 + np.bincount(owner, minlength=len(mentions)))
    return Lesson(
        joined(mentions, copied, bare),
        np.concatenate([share, share[owner], np.ones(len(bare))]),
        np.arange(len(mentions) + len(copied) + len(bare)) < len(mentions),
    )


def drawn_names(
    mentions: LabelledMentions, names: Names, n: int, n_names: int, random_state: int
) -> tuple[LabelledMentions, NDArray[np.int64]]:
    """Draw mentions with a name of some kind and give them under other names, and which of those drawn each was."""
    known = [row for row, text in enumerate(mentions.texts) if names.find(text[slice(*mentions.positions[row])])]
    drawn = np.random.default_rng([random_state, 13]).permutation(known)[:n]
    return under_other_names(mentions.take(np.sort(drawn)), names, n_names, random_state)


def share_of_name(score: NDArray[np.float64], owner: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    """Give how much of the variance of scores is between the names that one text was given, from 0 to 1.

    Examples
    --------
    >>> share_of_name(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0, 0, 1, 1]))(np.arange(4))
    1.0
    """
    mean = np.bincount(owner, weights=score) / np.maximum(np.bincount(owner), 1)
    squares = (score - mean[owner]) ** 2
    return lambda rows: float(squares[rows].mean() / max(score[rows].var(), 1e-12))
