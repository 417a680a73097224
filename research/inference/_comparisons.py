"""Comparisons as rows of the `estimates` table: known groups with the rest, themes with the same documents' rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.inference._cells import Arranged, Cells
from research.inference._clusters import clustered_sums
from research.inference._grouping import Grouping
from research.inference._notes import (
    ALIKE,
    ALIKE_SIDES,
    LONE,
    by_clusters,
    few,
    how_tested,
    joined,
    one_cluster,
    p_note,
    robust,
    sources_of,
)  # fmt: skip
from research.inference._permutation import LEVEL, Tested, shuffle_test, sign_flip_test
from research.inference._rows import FLOOR, SMALLEST, choose, clusters_of, rows_of
from research.inference._settings import Settings
from research.inference._summaries import Summary, compare_groups, summarise

__all__ = ["comparison_rows", "theme_comparisons"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REST = "rest"


def comparison_rows(
    values: Floats,
    place: Integers,
    grouping: Grouping,
    settings: Settings,
    fixed: dict[str, Any],
    *,
    shared: Floats | float,
    n_draws: int,
    measurement: str | None,
    n_paragraphs: Integers,
    bound: float,
    themes: list[str] | None,
    documents: Integers,
) -> pl.DataFrame:
    """Build the rows of known groups against the rest; one row a group and theme where values has a column a theme.

    `documents` are those that the rows of `values` are of.
    """
    clusters = settings.clusters
    groups = [name for name, known in zip(grouping.groups, grouping.known, strict=True) if known]
    n_tests = values.shape[1]
    size = np.bincount(place[place >= 0], minlength=len(groups))
    n_comparisons = int(((size > 1) & (size < size.sum() - 1)).sum()) * n_tests * alike_tables(settings, fixed)
    found = compare_groups(
        values, place, len(groups), shared=shared, n_draws=n_draws, bound=bound, n_comparisons=n_comparisons,
        n_resamples=settings.n_resamples, confidence=settings.confidence, random_state=settings.random_state,
        cluster=None if clusters is None else clusters.codes[documents],
    )  # fmt: skip
    tested = found.tested
    left_out = int((place < 0).sum())
    unknown = f"{left_out} of unknown {grouping.name} left out" if left_out else None
    notes: list[str | None] = []
    methods: list[str] = []
    for group in range(len(groups)):
        n, rest = int(found.n[group]), int(found.n_rest[group])
        kind = "Welch's t interval" if min(n, rest) > 1 else "t interval with pooled variance"
        n_clusters, rest_clusters = int(found.n_clusters[group]), int(found.n_clusters_rest[group])
        if clusters is not None:
            kind = f"t interval{robust(clusters)}" if min(n_clusters, rest_clusters) > 1 else "no interval"
        kind = kind if n + rest > 2 and min(n, rest) else "no interval"
        these = "outlets" if grouping.name == "outlet" else f"groups by {grouping.name}"
        one_each = f"one document of each {grouping.name}: {these} cannot be compared"
        for test in range(n_tests):
            how = how_tested(int(tested.arrangements[group, test]), bool(tested.exact[group, test]), "documents")
            sides = f"{n} against {rest} documents"
            if clusters is not None:
                sides = f"{n_clusters} against {rest_clusters} clusters by {clusters.name}"
                how = by_clusters(int(tested.arrangements[group, test]), bool(np.isfinite(tested.p[group, test])))
            methods.append(f"difference of means over documents; {kind}; {how}")
            why = p_note(float(tested.smallest[group, test]), sides, clusters)
            if min(n, rest) == 1:
                why = LONE if n + rest > 2 else one_each
            elif clusters is not None and min(n_clusters, rest_clusters) == 1:
                why = f"all documents of a side are of one {clusters.name}: nothing can be tested"
            spread = min(n, rest) if clusters is None else min(n_clusters, rest_clusters) - 1
            alike = ALIKE_SIDES if n + rest > 2 and spread > 0 and np.isnan(found.low[group, test]) else None
            if alike and clusters is not None:
                why = None
            notes.append(joined(why, alike, unknown))
    counted = np.bincount(place[place >= 0], weights=n_paragraphs[place >= 0], minlength=len(groups))
    interval = np.isfinite(found.low).ravel()
    known = pl.Series(groups, dtype=pl.String).gather(np.repeat(np.arange(len(groups)), n_tests))
    sources = f"{measurement};documents" if measurement else "documents"
    return rows_of(
        **fixed, theme=None if themes is None else themes * len(groups), group_by=grouping.name, group=known,
        reference=REST, n_documents=np.repeat(found.n, n_tests),
        n_clusters=clusters_of(settings, np.repeat(found.n_clusters, n_tests)),
        n_paragraphs=np.repeat(np.rint(counted).astype(np.int64), n_tests), estimate=found.difference.ravel(),
        low=found.low.ravel(), high=found.high.ravel(),
        p=np.where(tested.smallest <= LEVEL, tested.p, np.nan).ravel(), method=methods,
        uncertainty_sources=choose(interval, sources, "none"), note=notes, **reachable(tested),
    )  # fmt: skip


def reachable(tested: Tested) -> dict[str, Floats]:
    """Give the smallest p that the documents allow, and that the arrangements looked at do."""
    sampled = np.where(tested.arrangements > 0, 1 / (tested.arrangements + 1), np.nan)  # NaN of a t, which has no floor
    drawn = np.where(tested.exact, tested.smallest, sampled)
    return {SMALLEST: tested.smallest.ravel(), FLOOR: np.maximum(drawn, tested.smallest).ravel()}


def alike_tables(settings: Settings, fixed: dict[str, Any]) -> int:
    """Say how many tables of one kind are corrected together: of stance those of all targets, and of all axes."""
    return settings.n_alike.get(fixed["quantity"], 1)


def theme_comparisons(
    contrasts: Cells,
    drawn: Floats,
    arranged: Arranged,
    scores: Floats,
    settings: Settings,
    fixed: dict[str, Any],
    measurement: str | None,
) -> pl.DataFrame:
    """Build the rows of themes against the other paragraphs of the same documents."""
    n_themes = len(arranged.themes)
    clusters = settings.clusters
    found = summarise(
        contrasts, contrasts.theme, n_themes, drawn, bound=2.0, confidence=settings.confidence, clusters=clusters
    )
    differences = np.full((len(arranged.documents), n_themes), np.nan)
    differences[contrasts.document, contrasts.theme] = contrasts.mean
    if clusters is not None:
        differences = clustered_sums(differences, clusters.codes)
    several = int((found.n_clusters > 1).sum()) * alike_tables(settings, fixed)
    tested, exchanged = _themes_tested(differences, found, arranged, scores, several, settings)
    notes, methods = [], []
    flipped = "signs" if clusters is None else f"signs of clusters by {clusters.name}"
    for theme in range(n_themes):
        n, n_clusters = int(found.n[theme]), int(found.n_clusters[theme])
        documents = f"{n} document{'s' if n != 1 else ''} with both the theme and others"
        if clusters is not None and n > 1:
            documents += f" in {n_clusters} cluster{'s' if n_clusters != 1 else ''} by {clusters.name}"
        why = p_note(float(tested.smallest[theme]), documents, clusters)
        if n == 0:
            why = "no document has paragraphs of this theme and others to compare with"
        narrow = few(n_clusters, bool(found.lopsided[theme]), clusters) if n > 1 else None
        if clusters is not None and n > 1 and n_clusters == 1:
            narrow = one_cluster(n, clusters)
        notes.append(joined(why, ALIKE if found.alike[theme] else narrow))
        methods.append(
            f"mean over documents of theme minus the document's other paragraphs; t interval{robust(clusters)}; "
            + how_tested(int(tested.arrangements[theme]), bool(tested.exact[theme]), flipped)
            + (", or by exchanging paragraphs within documents, where that is larger" if exchanged[theme] else "")
        )
    themes = pl.Series(arranged.themes, dtype=pl.String)
    return rows_of(
        **fixed, theme=themes, group_by="theme", group=themes, reference=REST, n_documents=found.n,
        n_clusters=clusters_of(settings, found.n_clusters), n_paragraphs=found.n_paragraphs, estimate=found.mean,
        low=found.low, high=found.high,
        p=np.where(tested.smallest <= LEVEL, tested.p, np.nan), method=methods,
        uncertainty_sources=sources_of(found, measurement), note=notes, **reachable(tested),
    )  # fmt: skip


def _themes_tested(
    differences: Floats, found: Summary, arranged: Arranged, scores: Floats, n_comparisons: int, settings: Settings
) -> tuple[Tested, NDArray[np.bool_]]:
    """Test by turning signs, and where that finds something by exchanging paragraphs too; p is the larger of the two.

    Gives the tests, and which themes were tested both ways: above the level the second p would change no decision.
    """
    settled = {"n_comparisons": n_comparisons, "n_resamples": settings.n_resamples}
    tested = sign_flip_test(differences, shared=found.shared, random_state=settings.random_state, **settled)
    with np.errstate(invalid="ignore"):
        both_ways = (tested.p <= LEVEL) & (tested.smallest <= LEVEL)
    keep = np.isfinite(scores[arranged.order])
    score, weight = scores[arranged.order][keep], arranged.weight[keep]
    document, theme = arranged.document[keep], arranged.theme[keep]
    for one in np.flatnonzero(both_ways):
        rows = np.isin(document, document[theme == one])
        own = found.sampling[one]
        shrink = float(np.sqrt(own / (own + found.shared[one]))) if own > 0 else 1.0
        again = shuffle_test(
            score[rows], weight[rows], document[rows], theme[rows] == one, shrink=shrink,
            random_state=settings.random_state, **settled,
        )  # fmt: skip
        tested.p[one] = max(tested.p[one], again)
    return tested, both_ways
