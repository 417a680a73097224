"""What many Ward trees agree on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from research.themes._geometry import centre, exact_mean, sort_rows, unit
from research.themes._ward import agreed_tree, find_ward_themes


def planted(n: int, k: int, noise: float = 0.3, d: int = 16) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + k)
    labels = np.arange(n) % k
    rows = unit(rng.normal(size=(k, d))[labels] + rng.normal(size=(n, d)) * noise)
    rows = centre(rows, exact_mean(rows)[None])
    first, _ = sort_rows(rows)
    return rows[first], labels[first]


@pytest.mark.parametrize(("n", "k"), [(20, 2), (30, 3), (60, 5), (99, 8)])
def test_planted_groups_are_found(n: int, k: int) -> None:
    rows, labels = planted(n, k)
    found, tree = find_ward_themes(rows)
    assert adjusted_rand_score(labels, found) > 0.95 and found.max() + 1 == k
    np.testing.assert_array_equal(tree.cut(k), found)


@pytest.mark.parametrize("n", range(2, 16))
def test_few_rows_have_a_tree_down_to_single_ones(n: int) -> None:
    rows = unit(np.random.default_rng(n).normal(size=(n, 5)))
    tree = agreed_tree(rows)
    assert tree.n_leaves == n
    for count in range(1, n + 1):
        assert tree.cut(count).max() + 1 == count


def test_threads_change_nothing() -> None:
    rows, _ = planted(90, 4, noise=1.5, d=384)
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found, tree = find_ward_themes(rows)
            results.append((found.tobytes(), tree.merges.tobytes(), agreed_tree(rows).merges.tobytes()))
    assert results[0] == results[1]


def test_rows_as_far_from_one_another_as_can_be_show_no_groups() -> None:
    rows = centre(np.eye(13), exact_mean(np.eye(13))[None])
    found = find_ward_themes(rows)
    assert found is None or found[0].max() >= 1
