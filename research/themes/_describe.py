"""Keywords, names, representatives, support and place in the hierarchy: what a reader is told of each theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats
from research.themes._input import Paragraphs
from research.themes._keywords import KeywordFinder
from research.themes._naming import keyword_labels, theme_slug, usual_case
from research.themes._representatives import representatives
from research.themes._tree import ThemeTree

__all__ = ["Hierarchy", "Node", "describe_hierarchy", "group_keywords", "name_discovered", "plain", "theme_rows"]

_FEWEST_FOR_PARENTS = 5
_KEYWORDS = 10
_READ_FOR_CASE = 3000

Keywords = list[list[tuple[str, float]]]


@dataclass(frozen=True)
class Node:
    """A group of paragraphs at some level of the hierarchy.

    Attributes
    ----------
    level : str
        coarser, theme or finer.
    name, label : str
    parent : str or None
        Name of the node one level up that most of its paragraphs are in.
    n_paragraphs : int
    """

    level: str
    name: str
    label: str
    parent: str | None
    n_paragraphs: int


@dataclass(frozen=True)
class Hierarchy:
    """Where the discovered themes stand between coarser and finer ones.

    Attributes
    ----------
    parents : list of str or None
        Of each discovered theme.
    nodes : list of Node
    """

    parents: list[str | None]
    nodes: list[Node]


def group_keywords(finder: KeywordFinder | None, groups: Sequence[NDArray[np.int64]]) -> Keywords:
    """Give each group's keywords; none without texts, or for a group of no paragraph."""
    result: Keywords = [[] for _ in groups]
    filled = [number for number, rows in enumerate(groups) if len(rows)]
    if finder is not None and filled:
        found = finder.keywords([groups[number] for number in filled], _KEYWORDS)
        for number, keywords in zip(filled, found, strict=True):
            result[number] = keywords
    return result


def name_discovered(
    keywords: Sequence[Sequence[tuple[str, float]]],
    texts: Sequence[str] | None,
    taken_names: Sequence[str],
    taken_labels: Sequence[str],
    prefix: str = "discovered theme",
) -> tuple[list[str], list[str]]:
    """Name and label groups by their keywords, or by their number where there are none."""
    words = [[word for word, _ in found] for found in keywords]
    case = None
    if texts is not None:
        read = sorted(set(texts))  # enough to see how a word is written, whatever the order of the texts
        read = read[:: max(1, -(-len(read) // _READ_FOR_CASE))]
        case = usual_case([word for found in words for word in found[:4]], read)
    labels = keyword_labels(words, case, taken_labels)
    names: list[str] = []
    for number, label in enumerate(labels, 1):
        names.append(theme_slug(number, label, [*taken_names, *names]))
    labels = [label or f"{prefix[0].upper()}{prefix[1:]} {number}" for number, label in enumerate(labels, 1)]
    return names, labels


def theme_rows(
    paragraphs: Paragraphs,
    log_odds: Floats,
    members: NDArray[np.bool_],
    min_support: int,
    documents: Sequence[str] | None,
) -> list[tuple[bool, list[int]]]:
    """Say of each theme whether it is supported, and by which paragraphs it is best seen."""
    rows = []
    for k in range(log_odds.shape[1]):
        supported = int(members[:, k].sum()) >= min_support
        candidates = np.flatnonzero(members[:, k]) if supported else np.arange(len(paragraphs))
        rows.append((supported, representatives(paragraphs.vectors, log_odds[:, k], candidates, documents=documents)))
    return rows


def describe_hierarchy(
    tree: ThemeTree | None,
    labels: NDArray[np.int64],
    names: Sequence[str],
    shown: Sequence[str],
    paragraphs: Paragraphs,
    rows: NDArray[np.int64],
    finder: KeywordFinder | None,
) -> Hierarchy:
    """Name the groups that the themes join into, and those they fall into.

    Parameters
    ----------
    tree : ThemeTree or None
        Over `rows`.
    labels : ndarray of int64
        The discovered theme of each of `rows`, from 0.
    names, shown : sequence of str
        Of the discovered themes.
    paragraphs : Paragraphs
    rows : ndarray of int64
        The paragraphs among which themes were discovered.
    finder : KeywordFinder or None
        Of the paragraphs' texts.
    """
    n_themes = len(names)
    if not n_themes:
        return Hierarchy([], [])
    counts = np.bincount(labels, minlength=n_themes)
    if tree is None or n_themes < 2:
        themes = [Node("theme", names[k], shown[k], None, int(counts[k])) for k in range(n_themes)]
        return Hierarchy([None] * n_themes, themes)
    parents: list[str | None] = [None] * n_themes
    nodes: list[Node] = []
    if n_themes >= _FEWEST_FOR_PARENTS:
        groups, group_names, group_labels = _level(tree, max(2, -(-n_themes // 3)), "g", paragraphs, rows, finder)
        sizes = np.bincount(groups)
        nodes += [Node("coarser", a, b, None, int(n)) for a, b, n in zip(group_names, group_labels, sizes, strict=True)]
        parents = [group_names[_majority(groups[labels == k])] if counts[k] else None for k in range(n_themes)]
    nodes += [Node("theme", names[k], shown[k], parents[k], int(counts[k])) for k in range(n_themes)]
    n_finer = min(tree.n_leaves, 3 * n_themes, len(rows) // 3)
    if n_finer > n_themes:
        groups, group_names, group_labels = _level(tree, n_finer, "f", paragraphs, rows, finder)
        for k, n in enumerate(np.bincount(groups)):
            above = names[_majority(labels[groups == k])]
            nodes.append(Node("finer", group_names[k], group_labels[k], above, int(n)))
    return Hierarchy(parents, nodes)


def _level(
    tree: ThemeTree,
    count: int,
    letter: str,
    paragraphs: Paragraphs,
    rows: NDArray[np.int64],
    finder: KeywordFinder | None,
) -> tuple[NDArray[np.int64], list[str], list[str]]:
    groups = tree.cut(count)
    sizes = np.bincount(groups)

    def rank(
        group: int,
    ) -> tuple[int, bytes]:  # by content where sizes are equal: the order of the rows leaves no trace
        least = paragraphs.vectors[rows[groups == group]].min(axis=0)
        return -int(sizes[group]), least.tobytes()

    order = sorted(range(len(sizes)), key=rank)
    groups = np.argsort(order)[groups]
    found = group_keywords(finder, [rows[groups == k] for k in range(len(order))])
    names, labels = name_discovered(found, paragraphs.texts, [], [], "group")
    return groups, [f"{letter}{name[1:]}" for name in names], labels


def _majority(values: NDArray[np.int64]) -> int:
    return int(np.argmax(np.bincount(values)))


def plain(value: Any) -> Any:
    """Give tuples as lists, NumPy's numbers as plain ones, and numbers that are none as null, as JSON would."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and value != value else value
