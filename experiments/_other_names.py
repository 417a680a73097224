"""Labelled mentions under other names, so that stance is learned from what is said and not from who is named.

The same sentence about Russia and about Japan should score the same, yet a scorer that learns from news learns who is
faulted there. Two remedies, neither of which needs a label: every mention whose target belongs to a kind of
`configs/labels/names.yaml` is taught under other names of that kind as well (counterfactual augmentation: Lu et al.
2020, Gender bias in neural natural language processing; Kaushik, Hovy & Lipton 2020, Learning the difference that makes
a difference), and each name that is mentioned is neutral where a sentence does nothing but name it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments._news_sample import POSSESSIVE
from experiments._stance_corpora import SENTENCES, LabelledMentions, joined
from research._yaml import read_yaml_mapping
from research.errors import ConfigError
from research.stance._poles import balanced

__all__ = [
    "Lesson",
    "Names",
    "balanced_within",
    "bare_names",
    "drawn_names",
    "lesson_of",
    "share_of_name",
    "under_other_names",
]

_ARTICLE = re.compile(r"((?:the |an? |this |these |that )?)(.*)", re.IGNORECASE | re.DOTALL)
# Capitalised words that begin a sentence and belong to no name.
_LEADING = frozenset(
    ("a", "after", "all", "and", "as", "at", "both", "but", "by", "for", "from", "if", "in", "its", "no", "of", "on",
     "so", "the", "then", "to", "when", "while", "with")
)  # fmt: skip
_MOST_WORDS = 3
_LEAST_NAMES = 3
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

    def find(self, text: str, start: int, end: int) -> tuple[str, str] | None:
        """Give the name that a mention ends with, before a possessive, and its kind; the longest, of the first kind.

        A name that is part of a longer one, as in *White House* or *South China Sea*, is none.

        Examples
        --------
        >>> Names({"countries": ("Chad", "Peru")}).find("In neighbouring Peru’s north", 3, 22)
        ('Peru', 'countries')
        """
        bare = POSSESSIVE.sub("", text[start:end])
        fits = [
            (name, kind)
            for kind, names in self.kinds.items()
            for name in names
            if bare == name or bare.endswith(f" {name}")
        ]
        if not fits:
            return None
        name, kind = max(fits, key=lambda fit: len(fit[0]))
        at = start + len(bare) - len(name)
        return None if _in_longer_name(text, at, at + len(name), kind) else (name, kind)

    def only(self, kinds: Collection[str]) -> Names:
        """Give the names of some kinds."""
        return Names({kind: names for kind, names in self.kinds.items() if kind in kinds})


def _in_longer_name(text: str, start: int, end: int, kind: str) -> bool:
    """Say whether a capitalised name stands beside another capitalised word, which may make one name of both.

    Titles and first names before persons, and titles after adjectives (*Russian President*), are let through.
    """
    if not text[start].isupper():
        return False
    before = re.search(r"(\w+)[ -]$", text[:start])
    after = re.match(r"[ -]([A-Z])", text[end:])
    led = before is not None and before[1][0].isupper() and before[1].lower() not in _LEADING
    return (led and kind != "persons") or (after is not None and kind not in ("persons", "adjectives"))


def under_other_names(
    mentions: LabelledMentions, names: Names, copies: int, random_state: int
) -> tuple[LabelledMentions, NDArray[np.int64]]:
    """Give the mentions again with other names of the same kind, and the row each is a copy of.

    Names are drawn for each mention from its own text, so that nothing depends on the order of mentions. None is drawn
    that the text already has, nor one that does not suit *a* or *an* before it. Mentions of no known kind have none,
    nor has one in seven in headlines, where in title case any word beside a name looks like part of it.

    Parameters
    ----------
    mentions : LabelledMentions
    names : Names
    copies : int
        At most so many a mention.
    random_state : int

    Returns
    -------
    LabelledMentions
        With the labels and the documents of what they are copies of.
    ndarray of int64
        The row of each in `mentions`.
    """
    texts, positions, owner = [], [], []
    for row, (text, (start, end)) in enumerate(zip(mentions.texts, mentions.positions, strict=True)):
        found = names.find(text, start, end)
        if found is None:
            continue
        name, kind = found
        at = text.rindex(name, start, end)
        article = re.search(r"\ban? $", text[:at], re.IGNORECASE)
        others = [
            other
            for other in names.kinds[kind]
            if not re.search(_word(other), text) and not (article and _vowel(other) != _vowel(name))
        ]
        digest = hashlib.sha256(f"{random_state}|{start}|{text}".encode()).digest()
        generator = np.random.default_rng(list(digest))
        for place in generator.permutation(len(others))[:copies]:
            other = others[place]
            first, before, after = (
                _replaced(part, name, other, kind) for part in (text[:start], text[:at], text[at + len(name) :])
            )
            texts.append(before + other + after)
            positions.append((len(first), len(before) + len(other) + end - at - len(name)))
            owner.append(row)
    rows = np.array(owner, dtype=np.int64)
    return replace(mentions.take(rows), texts=texts, positions=positions), rows


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def _replaced(part: str, name: str, other: str, kind: str) -> str:
    """Replace a proper name wherever it stands by itself; a common noun stays, since elsewhere it may mean another."""
    if name[0].islower():
        return part

    def exchange(found: re.Match[str]) -> str:
        return found[0] if _in_longer_name(part, *found.span(), kind) else other

    return re.sub(_word(name), exchange, part)


def _vowel(name: str) -> bool:
    return name[0].lower() in "aeiou"


def bare_names(mentions: LabelledMentions) -> LabelledMentions:
    """Give, for each name that is mentioned, a sentence that does nothing but name it; all are neutral.

    A name, or a thing, comes once, without a possessive, with the article and in the case that it has most often (in
    headlines all words may be capitalised); longer phrases often say more than a name, and are left out.
    """
    found: dict[str, Counter[str]] = {}
    for text, (start, end) in zip(mentions.texts, mentions.positions, strict=True):
        article, name = _ARTICLE.fullmatch(POSSESSIVE.sub("", text[start:end])).groups()  # type: ignore[union-attr]
        if 0 < len(name.split()) <= _MOST_WORDS:
            found.setdefault(name.casefold(), Counter())[f"{article.lower()}{name}"] += 1
    before, after = _BARE
    names = sorted(max(forms.items(), key=lambda form: (form[1], form[0]))[0] for forms in found.values())
    return replace(
        mentions,
        texts=[before + name + after for name in names],
        positions=[(len(before), len(before) + len(name)) for name in names],
        documents=[f"the name {name}" for name in names],
        y=np.zeros(len(names)),
        split=[SENTENCES] * len(names),
    )


@dataclass(frozen=True)
class Lesson:
    """Labelled mentions, then their copies under other names, then the bare names.

    Attributes
    ----------
    mentions : LabelledMentions
    weights : ndarray of float64, shape (n,)
        What each weighs for the poles: a mention and its copies together as much as a bare name, the three stances the
        same within each kind of text (`split`; bare names are sentences), so that the kind tells nothing of the stance.
    judges : ndarray of float64, shape (n,)
        What each weighs for the shares: the mentions themselves, which come first, the three stances the same within
        each kind of text; the others nothing.
    n_copies : int
    """

    mentions: LabelledMentions
    weights: NDArray[np.float64]
    judges: NDArray[np.float64]
    n_copies: int = 0


def lesson_of(mentions: LabelledMentions, names: Names, copies: int, random_state: int) -> Lesson:
    """Give what labelled mentions teach if the score is not to depend on who is named, nor on the kind of text."""
    copied, owner = under_other_names(mentions, names, copies, random_state)
    bare = bare_names(mentions)
    share = 1.0 / (1.0 + np.bincount(owner, minlength=len(mentions)))
    whole = joined(mentions, copied, bare)
    n = len(mentions)
    return Lesson(
        whole,
        balanced_within(whole.split, whole.y, np.concatenate([share, share[owner], np.ones(len(bare))])),
        np.concatenate([balanced_within(mentions.split, mentions.y, np.ones(n)), np.zeros(len(whole) - n)]),
        len(copied),
    )


def balanced_within(kinds: Sequence[str], y: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give weights under which the stances that a kind of text has weigh the same; each kind weighs what it did.

    Examples
    --------
    >>> balanced_within(["a", "a", "a", "b"], np.array([1.0, 0.0, 0.0, -1.0]), np.ones(4)).tolist()
    [1.5, 0.75, 0.75, 1.0]
    """
    found = np.zeros(len(weights))
    for kind in sorted(set(kinds)):
        rows = np.flatnonzero(np.array(kinds) == kind)
        found[rows] = balanced(y[rows], weights[rows]) * weights[rows].sum()
    return found


def drawn_names(
    mentions: LabelledMentions, names: Names, n: int, n_names: int, random_state: int
) -> tuple[LabelledMentions, NDArray[np.int64]]:
    """Draw mentions with a name of some kind and give them under other names, and which of those drawn each was.

    Mentions that fewer than three other names suit are left out.
    """
    known = [row for row, text in enumerate(mentions.texts) if names.find(text, *mentions.positions[row])]
    drawn = np.random.default_rng([random_state, 13]).permutation(np.array(known, dtype=np.int64))[:n]
    renamed, owner = under_other_names(mentions.take(np.sort(drawn)), names, n_names, random_state)
    rows = np.flatnonzero(np.bincount(owner, minlength=len(drawn))[owner] >= _LEAST_NAMES)
    return renamed.take(rows), owner[rows]


def share_of_name(score: NDArray[np.float64], owner: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    """Give how much of the variance of scores is between the names that one text was given; 0 if the name is nothing.

    The variance within each text is the unbiased one.

    Examples
    --------
    >>> share_of_name(np.array([0.0, 1.0, 5.0, 6.0]), np.array([0, 0, 1, 1]))(np.arange(4)).round(3)
    0.077
    """
    n = np.bincount(owner)
    mean = np.bincount(owner, weights=score) / np.maximum(n, 1)
    squares = (score - mean[owner]) ** 2 * (n / np.maximum(n - 1, 1))[owner]
    return lambda rows: float(squares[rows].mean() / max(score[rows].var(), 1e-12))
