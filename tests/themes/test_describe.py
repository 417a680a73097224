"""The hierarchy of themes, groups' keywords and names."""

from __future__ import annotations

import json

import numpy as np
import pytest

from research.themes._describe import describe_hierarchy, group_keywords, name_discovered, plain, theme_rows
from research.themes._geometry import unit
from research.themes._input import Paragraphs
from research.themes._keywords import KeywordFinder
from research.themes._tree import ThemeTree, nested_tree


def finder(paragraphs: Paragraphs) -> KeywordFinder | None:
    return None if paragraphs.texts is None else KeywordFinder(paragraphs.texts, "en")


def made(n_themes: int, per_theme: int = 12, texts: bool = False) -> tuple[ThemeTree, np.ndarray, Paragraphs]:
    """Themes of three leaves each, leaves of four rows."""
    n = n_themes * per_theme
    themes = np.repeat(np.arange(n_themes), per_theme)
    leaves = np.arange(n) // 4
    rng = np.random.default_rng(0)
    vectors = unit(np.eye(n_themes, 24)[themes] + rng.normal(size=(n, 24)) * 0.2)
    centroids = np.array([vectors[leaves == leaf].mean(axis=0) for leaf in range(leaves.max() + 1)])
    tree = nested_tree(leaves, themes, centroids @ centroids.T, np.bincount(leaves).astype(float))
    words = ["oil", "match", "hospital", "rocket", "school", "harvest", "tax", "court", "music", "storm"]
    said = tuple(f"The {words[theme]} of town {words[theme]} again." for theme in themes) if texts else None
    return tree, themes, Paragraphs(vectors, vectors, np.arange(n), said, None)


@pytest.mark.parametrize("n_themes", [2, 4, 5, 8])
@pytest.mark.parametrize("texts", [False, True])
def test_parents_and_counts_are_consistent(n_themes: int, texts: bool) -> None:
    tree, themes, paragraphs = made(n_themes, texts=texts)
    names = [f"d{k + 1}" for k in range(n_themes)]
    found = describe_hierarchy(tree, themes, names, names, paragraphs, np.arange(len(themes)), finder(paragraphs))
    by_level = {level: [node for node in found.nodes if node.level == level] for level in ("coarser", "theme", "finer")}
    assert [node.name for node in by_level["theme"]] == names
    assert [node.parent for node in by_level["theme"]] == found.parents
    for level in by_level.values():
        assert not level or sum(node.n_paragraphs for node in level) == len(themes)
    assert len({node.name for node in found.nodes}) == len(found.nodes)
    if n_themes < 5:
        assert not by_level["coarser"] and found.parents == [None] * n_themes
    else:
        assert len(by_level["coarser"]) == max(2, -(-n_themes // 3))
        assert {node.parent for node in by_level["theme"]} == {node.name for node in by_level["coarser"]}
        for node in by_level["coarser"]:
            assert node.n_paragraphs == sum(one.n_paragraphs for one in by_level["theme"] if one.parent == node.name)
    assert len(by_level["finer"]) == 3 * n_themes
    for node in by_level["theme"]:
        assert node.n_paragraphs == sum(one.n_paragraphs for one in by_level["finer"] if one.parent == node.name)
    for level in ("coarser", "finer"):
        sizes = [node.n_paragraphs for node in by_level[level]]
        assert sizes == sorted(sizes, reverse=True)


def test_the_order_of_the_rows_leaves_no_trace() -> None:
    tree, themes, paragraphs = made(6, texts=True)
    names = [f"d{k + 1}" for k in range(6)]
    order = np.random.default_rng(1).permutation(len(themes))
    found = describe_hierarchy(tree, themes, names, names, paragraphs, np.arange(len(themes)), finder(paragraphs))
    texts = tuple(paragraphs.texts[row] for row in order)
    mixed = Paragraphs(paragraphs.vectors[order], paragraphs.vectors[order], paragraphs.starts, texts, None)
    again = describe_hierarchy(
        ThemeTree(tree.leaves[order], tree.merges),
        themes[order],
        names,
        names,
        mixed,
        np.arange(len(themes)),
        finder(mixed),
    )
    assert again == found


def test_some_of_the_rows_of_a_corpus() -> None:
    tree, themes, paragraphs = made(5)
    wider = unit(np.vstack([np.ones((3, 24)), paragraphs.vectors]))
    corpus = Paragraphs(wider, wider, np.arange(len(wider)), None, None)
    names = [f"d{k + 1}" for k in range(5)]
    found = describe_hierarchy(tree, themes, names, names, corpus, np.arange(3, len(wider)), None)
    assert found == describe_hierarchy(
        tree, themes, names, names, paragraphs, np.arange(len(themes)), finder(paragraphs)
    )


def test_without_a_tree_there_are_the_themes_alone() -> None:
    _, themes, paragraphs = made(3)
    rows = np.arange(len(themes))
    found = describe_hierarchy(None, themes, ["a", "b", "c"], ["A", "B", "C"], paragraphs, rows, None)
    assert [(node.level, node.name, node.label, node.n_paragraphs) for node in found.nodes] == [
        ("theme", "a", "A", 12),
        ("theme", "b", "B", 12),
        ("theme", "c", "C", 12),
    ]
    nothing = describe_hierarchy(None, themes, [], [], paragraphs, rows, None)
    assert (nothing.nodes, nothing.parents) == ([], [])


def test_keywords_of_groups_and_of_empty_ones() -> None:
    _, themes, paragraphs = made(3, texts=True)
    groups = [np.flatnonzero(themes == k) for k in range(3)]
    found = group_keywords(finder(paragraphs), [groups[0], np.zeros(0, dtype=np.int64), groups[1]])
    assert found[0][0][0].startswith("oil") and found[1] == [] and found[2][0][0].startswith("match")
    assert group_keywords(None, groups) == [[], [], []]
    assert group_keywords(finder(paragraphs), []) == []


def test_names_are_numbered_and_never_taken_twice() -> None:
    names, labels = name_discovered([[], [("oil", 1.0)]], ["Oil."], ["d1"], ["Oil"])
    assert names[0] != "d1" and names[1].startswith("d2_oil") and labels[0] == "Discovered theme 1"
    assert len(set(names)) == 2 and labels[1] != "Oil"
    assert name_discovered([[]], None, [], [], "group") == (["d1"], ["Group 1"])


def test_support_and_representatives() -> None:
    _, themes, paragraphs = made(3)
    members = themes[:, None] == np.arange(3)
    members[:, 2] = False
    members[:2, 2] = True
    found = theme_rows(paragraphs, members.astype(float), members, 3, None)
    assert [supported for supported, _ in found] == [True, True, False]
    for k in (0, 1):
        assert found[k][1] and all(members[row, k] for row in found[k][1])
    assert found[2][1]  # the nearest, for want of better


def test_plain_is_what_json_gives_back() -> None:
    value = {"a": (1, ("b", None)), "c": [float("nan"), 0.5]}
    assert plain(value) == {"a": [1, ["b", None]], "c": [None, 0.5]}
    assert json.loads(json.dumps(plain(value))) == plain(value)
