"""Documents that depend on one another: what their means and differences may be off by, and what the table says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal
from scipy import linalg, stats

from research.errors import InputError
from research.inference import estimate_groups, theme_support
from research.inference._cluster_test import smallest_by_clusters
from research.inference._clusters import Clusters, clustered_difference, clustered_mean, clustered_sums
from research.inference._shares import group_shares
from research.inference._summaries import compare_groups

Make = Callable[..., pl.DataFrame]
OUTLETS = {f"d{number:02}": "x" if number % 3 else "y" for number in range(24)}


def by_matrices(X: NDArray[np.float64], y: NDArray[np.float64], cluster: NDArray[np.int64], c: list[float]):
    """Give CR2's variance of c'b of the regression of y on dummies X and its degrees of freedom, by definition."""
    bread = np.linalg.inv(X.T @ X)
    hat, beta = X @ bread @ X.T, bread @ X.T @ y
    residuals, keep = y - X @ beta, np.eye(len(y)) - hat
    spread = (residuals[:, None] ** 2 * X).sum(axis=0) / (X.sum(axis=0) - 1)
    error, columns = 0.0, []
    for name in np.unique(cluster):
        rows = cluster == name
        adjusted = np.real(linalg.inv(linalg.sqrtm(keep[np.ix_(rows, rows)])))
        column = keep[:, rows] @ adjusted @ X[rows] @ bread @ c
        error += float(column @ y) ** 2
        columns.append(column * np.sqrt(X @ spread))
    gram = np.array(columns) @ np.array(columns).T
    return error, np.trace(gram) ** 2 / (gram**2).sum()


def test_dispersion_is_what_the_definition_gives() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        cluster = rng.integers(0, 8, 40)
        label = (rng.random(40) < 0.4).astype(np.int64)
        values = rng.normal(size=(40, 2)) * np.where(label, 2.0, 1.0)[:, None]
        found = clustered_difference(values, label, 2, cluster)
        sides = np.stack([label == 0, label == 1], axis=1).astype(float)
        for test in range(2):
            wanted = by_matrices(sides, values[:, test], cluster, [-1.0, 1.0])
            assert [found.sampling[1, test], found.freedom[1, test]] == pytest.approx(wanted)
            assert [found.sampling[0, test], found.freedom[0, test]] == pytest.approx(wanted)
        means = clustered_mean(values, sides.T @ values / sides.sum(axis=0)[:, None], label, 2, cluster)
        own = label == 1
        wanted = by_matrices(np.ones((own.sum(), 1)), values[own, 1], cluster[own], [1.0])
        assert [means.sampling[1, 1], means.freedom[1, 1]] == pytest.approx(wanted)


def test_clusters_of_one_document_each_change_nothing() -> None:
    rng = np.random.default_rng(1)
    values, label = rng.normal(size=(15, 1)), np.repeat([0, 1], [6, 9])
    found = clustered_difference(values, label, 2, np.arange(15))
    welch = stats.ttest_ind(values[:6, 0], values[6:, 0], equal_var=False)
    t = (values[:6].mean() - values[6:].mean()) / np.sqrt(found.sampling[0, 0])
    assert (t, found.freedom[0, 0]) == pytest.approx((welch.statistic, welch.df))
    means = clustered_mean(values, values.mean(axis=0, keepdims=True), np.zeros(15, dtype=int), 1, np.arange(15))
    assert (means.sampling[0, 0], means.freedom[0, 0]) == pytest.approx((values.var(ddof=1) / 15, 14))


@pytest.mark.parametrize("crossed", [False, True])
def test_stories_do_not_make_alike_outlets_differ(crossed: bool) -> None:
    rng = np.random.default_rng(2)
    wrong, naive, held = 0, 0, 0
    for _ in range(400):
        cluster = np.repeat(np.arange(12), rng.integers(1, 8, 12))
        label = rng.integers(0, 2, len(cluster)) if crossed else (cluster < 6).astype(np.int64)
        values = (rng.normal(size=12)[cluster] + rng.normal(size=len(cluster)))[:, None]
        found = clustered_difference(values, label, 2, cluster)
        sides = [values[label == side, 0] for side in (0, 1)]
        t = (sides[0].mean() - sides[1].mean()) / np.sqrt(found.sampling[0, 0])
        wrong += 2 * stats.t.sf(abs(t), found.freedom[0, 0]) <= 0.05
        naive += stats.ttest_ind(*sides, equal_var=False).pvalue <= 0.05
        mean = clustered_mean(values, values.mean(keepdims=True), np.zeros(len(cluster), dtype=int), 1, cluster)
        held += abs(values.mean()) <= stats.t.ppf(0.975, mean.freedom[0, 0]) * np.sqrt(mean.sampling[0, 0])
    assert wrong / 400 < 0.08 and held / 400 > 0.92
    assert crossed or naive / 400 > 0.2


def test_sums_of_clusters_have_the_mean_of_the_documents() -> None:
    differences = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 5.0], [4.0, np.nan]])
    sums = clustered_sums(differences, np.array([0, 0, 1, 2]))
    assert np.isnan(sums[1, 0]) and np.isnan(sums[2, 1])
    assert np.nanmean(sums, axis=0) == pytest.approx(np.nanmean(differences, axis=0))
    assert sums[0, 0] / sums[2, 0] == pytest.approx(3 / 4)


def told_by(paragraphs: pl.DataFrame, per_story: int) -> pl.DataFrame:
    number = pl.col("document_id").str.slice(1).cast(pl.Int64)
    return paragraphs.with_columns(("s" + (number // per_story).cast(pl.String)).alias("story"))


def test_the_table_says_how_many_clusters_and_how(make_paragraphs: Make) -> None:
    paragraphs = told_by(make_paragraphs(dict.fromkeys(OUTLETS, 5), OUTLETS), 4)
    plain = estimate_groups(paragraphs)
    table = estimate_groups(paragraphs, clusters="story")
    assert plain["n_clusters"].is_null().all()
    whole = table.filter(quantity="framing", group_by="all").row(0, named=True)
    assert (whole["n_documents"], whole["n_clusters"]) == (24, 6) and "clusters by story (CR2)" in whole["method"]
    assert "fewer than 8 clusters by story" in whole["note"]
    outlet = table.filter(pl.col("reference") == "rest", quantity="framing", group_by="outlet", group="x")
    assert outlet["n_clusters"].item() == 6 and "two-sided p by the same t" in outlet["method"].item()
    assert outlet["low"].item() < outlet["estimate"].item() < outlet["high"].item()
    theme = table.filter(quantity="framing", group_by="theme", reference="rest").row(0, named=True)
    assert theme["n_clusters"] <= 6 and "signs of clusters by story" in theme["method"]
    assert table.filter(group_by="document")["n_clusters"].is_null().all()
    # Estimates are those of documents either way; only what they may be off by is another.
    keys = ["quantity", "group_by", "group", "theme", "reference", "target"]
    both = plain.join(table, on=keys, nulls_equal=True, maintain_order="left")
    assert both.height == table.height
    assert both["estimate"].to_list() == pytest.approx(both["estimate_right"].to_list())
    share = theme_support(paragraphs, ["energy"], clusters="story").row(0, named=True)
    wanted = table.filter(quantity="theme_share", group_by="all", theme="energy").row(0, named=True)
    assert (share["share_low"], share["share_high"]) == (wanted["low"], wanted["high"])


def test_one_document_a_story_and_none_named_give_the_same_intervals(make_paragraphs: Make) -> None:
    paragraphs = told_by(make_paragraphs(dict.fromkeys(OUTLETS, 5), OUTLETS), 1)
    plain = estimate_groups(paragraphs)
    for each in (paragraphs, paragraphs.with_columns(story=pl.lit(None, pl.String))):
        table = estimate_groups(each, clusters="story")
        for end in ("low", "high"):
            assert table[end].to_list() == pytest.approx(plain[end].to_list(), nan_ok=True)


def test_order_and_names_of_clusters_do_not_matter(make_paragraphs: Make) -> None:
    paragraphs = told_by(make_paragraphs(dict.fromkeys(OUTLETS, 4), OUTLETS), 3)
    table = estimate_groups(paragraphs, clusters="story")
    assert_frame_equal(table, estimate_groups(paragraphs.sample(fraction=1, shuffle=True, seed=1), clusters="story"))
    renamed = paragraphs.with_columns(pl.col("story").replace({"s0": "z"}))
    assert_frame_equal(table, estimate_groups(renamed, clusters="story"))


def test_documents_of_one_story_have_no_interval(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(dict.fromkeys(OUTLETS, 4), OUTLETS)
    story = pl.when(pl.col("outlet") == "x").then(pl.lit("visit")).otherwise(pl.col("document_id"))
    table = estimate_groups(paragraphs.with_columns(story=story), clusters="story")
    alone = table.filter(pl.col("reference").is_null(), quantity="framing", group_by="outlet", group="x")
    assert alone["low"].item() is None and "16 documents of one story" in alone["note"].item()
    for row in table.filter(pl.col("reference") == "rest", group_by="outlet").iter_rows(named=True):
        assert row["p"] is None and row["low"] is None and "no interval" in row["method"]
        assert "all documents of a side are of one story" in row["note"] and "same value" not in row["note"]
    share = table.filter(pl.col("reference").is_null(), quantity="theme_share", group_by="outlet", group="x")
    assert share["low"].is_null().all() and "of one story" in share["note"][0]


def test_clusters_that_cannot_be_are_refused(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs({"a": 3, "b": 3})
    with pytest.raises(InputError, match="no column `story`"):
        estimate_groups(paragraphs, clusters="story")
    with pytest.raises(InputError, match="`clusters` names `outlet`, whose values make groups"):
        estimate_groups(paragraphs, clusters="outlet")
    with pytest.raises(InputError, match=r"`clusters` is \['story'\]; give the name of one column"):
        estimate_groups(paragraphs, clusters=["story"])
    with pytest.raises(InputError, match="no column `story`"):
        theme_support(paragraphs, ["energy"], clusters="story")
    assert estimate_groups(paragraphs, clusters="document_id").height == estimate_groups(paragraphs).height
    with pytest.raises(InputError, match="column `theme` has more than one value in document `a`; groups and clusters"):
        estimate_groups(paragraphs, clusters="theme")


def compared(values: NDArray[np.float64], own: NDArray[np.bool_], cluster: NDArray[np.int64], seed: int = 0):
    label = (~own).astype(np.int64)
    return compare_groups(
        values[:, None], label, 2, shared=0.0, n_draws=0, bound=9.0, n_comparisons=1, n_resamples=200, confidence=0.95,
        random_state=seed, cluster=cluster,
    )  # fmt: skip


@pytest.mark.parametrize("crossed", [False, True])
def test_a_theme_that_few_stories_have_makes_no_outlet_differ(crossed: bool) -> None:
    """A small outlet without the theme shows no variance; its t alone would find it different every fourth time."""
    rng = np.random.default_rng(4)
    wrong = 0
    for seed in range(150):
        cluster = np.repeat(np.arange(24), 3)
        own = (np.arange(72) % 3 == 0) & (cluster < 4) if crossed else cluster < 4
        values = (rng.random(24) < 0.25)[cluster] * rng.beta(2, 3, 72)
        wrong += bool(compared(values, own, cluster, seed).tested.p[0, 0] <= 0.05)
    assert wrong / 150 < 0.08


@pytest.mark.parametrize("crossed", [False, True])
def test_a_difference_is_found_whatever_the_clusters_are_called(crossed: bool) -> None:
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(20), 3)
    own = np.arange(60) % 3 == 0 if crossed else cluster < 8
    values = rng.normal(size=20)[cluster] * (0.5 if crossed else 0.2) + rng.normal(size=60) * 0.3 + own
    found = compared(values, own, cluster)
    assert found.tested.p[0, 0] <= 0.02 and found.tested.arrangements[0, 0] > 0
    renamed = rng.permutation(20)[cluster]
    again = compared(values, own, renamed)
    assert again.tested.p.tolist() == found.tested.p.tolist()


def test_so_few_clusters_that_no_arrangement_could_tell_have_no_p() -> None:
    values = np.array([1.0, 1.1, 1.2, 1.4, 0.0, 0.1, 0.2, 0.3])
    few = compared(values, np.arange(8) < 4, np.repeat([0, 1, 2, 3], 2)).tested
    assert few.smallest[0, 0] == pytest.approx(1 / 6)
    assert smallest_by_clusters(np.array([True, False, True, False]), np.array([0, 0, 1, 1])) == pytest.approx(1 / 4)


def test_a_rare_theme_of_few_stories_is_covered() -> None:
    """Articles on one story are one document to what its length can tell of a rare theme."""
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(200):
        cluster = np.repeat(np.arange(8), 5)
        share = rng.beta(0.02 * 8, 0.98 * 8, 8)[cluster]
        shares = rng.binomial(12, share)[:, None] / 12
        clusters = Clusters("story", cluster)
        _, _, low, high = group_shares(shares, np.full(40, 12), np.zeros(40, dtype=int), 1, 0.95, clusters)
        held += low[0, 0] <= 0.02 <= high[0, 0]
    assert held / 200 > 0.94
