"""Comparisons as rows of the `estimates` table: known groups with the rest, themes with the same documents' rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from research.inference._cells import Arranged, Cells
from research.inference._grouping import Grouping
from research.inference._notes import ALIKE, ALIKE_SIDES, LEVEL, few, how_tested, joined, p_note, sources_of
from research.inference._permutation import sign_flip_test
from research.inference._rows import choose, rows_of
from research.inference._settings import Settings
from research.inference._summaries import compare_groups, summarise

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
) -> pl.DataFrame:
    """Build the rows of known groups against the rest; one row a group and theme where values has a column a theme."""
    groups = [name for name, known in zip(grouping.groups, grouping.known, strict=True) if known]
    n_tests = values.shape[1]
    found = compare_groups(
        values, place, len(groups), shared=shared, n_draws=n_draws, bound=bound, n_resamples=settings.n_resamples,
        confidence=settings.confidence, random_state=settings.random_state,
    )  # fmt: skip
    left_out = int((place < 0).sum())
    unknown = f"{left_out} of unknown {grouping.name} left out" if left_out else None
    notes: list[str | None] = []
    methods: list[str] = []
    for group in range(len(groups)):
        n, rest = int(found.n[group]), int(found.n_rest[group])
        how = how_tested(int(found.arrangements[group]), bool(found.exact[group]), "documents")
        kind = "Welch's t interval" if min(n, rest) > 1 else "t interval with pooled variance"
        methods += [f"difference of means over documents; {kind}; {how}"] * n_tests
        lone = "a single document on one side: the other side's spread stands for both" if min(n, rest) == 1 else None
        these = "outlets" if grouping.name == "outlet" else f"groups by {grouping.name}"
        one_each = f"one document of each {grouping.name}: {these} cannot be compared"
        if n + rest < 3:
            lone = None
        for test in range(n_tests):
            why = p_note(float(found.smallest[group, test]), f"{n} against {rest} documents")
            if n == rest == 1:
                why = one_each
            alike = ALIKE_SIDES if n + rest > 2 and min(n, rest) and np.isnan(found.low[group, test]) else None
            notes.append(joined(why, alike or lone, unknown))
    counted = np.bincount(place[place >= 0], weights=n_paragraphs[place >= 0], minlength=len(groups))
    interval = np.isfinite(found.low).ravel()
    known = pl.Series(groups, dtype=pl.String).gather(np.repeat(np.arange(len(groups)), n_tests))
    sources = f"{measurement};documents" if measurement else "documents"
    return rows_of(
        **fixed, theme=None if themes is None else themes * len(groups), group_by=grouping.name, group=known,
        reference=REST, n_documents=np.repeat(found.n, n_tests),
        n_paragraphs=np.repeat(np.rint(counted).astype(np.int64), n_tests), estimate=found.difference.ravel(),
        low=found.low.ravel(), high=found.high.ravel(),
        p=np.where(found.smallest <= LEVEL, found.p, np.nan).ravel(), method=methods,
        uncertainty_sources=choose(interval, sources, "none"), note=notes,
    )  # fmt: skip


def theme_comparisons(
    contrasts: Cells,
    drawn: Floats,
    arranged: Arranged,
    settings: Settings,
    fixed: dict[str, Any],
    measurement: str | None,
) -> pl.DataFrame:
    """Build the rows of themes against the other paragraphs of the same documents."""
    n_themes = len(arranged.themes)
    found = summarise(contrasts, contrasts.theme, n_themes, drawn, bound=2.0, confidence=settings.confidence)
    differences = np.full((len(arranged.documents), n_themes), np.nan)
    differences[contrasts.document, contrasts.theme] = contrasts.mean
    p, smallest, arrangements, exact = sign_flip_test(
        differences, n_resamples=settings.n_resamples, random_state=settings.random_state
    )
    notes, methods = [], []
    for theme in range(n_themes):
        n = int(found.n[theme])
        why = p_note(float(smallest[theme]), f"{n} document{'s' if n != 1 else ''} with both the theme and others")
        if n == 0:
            why = "no document has paragraphs of this theme and others to compare with"
        notes.append(joined(why, ALIKE if found.alike[theme] else few(n) if n > 1 else None))
        methods.append(
            "mean over documents of theme minus the document's other paragraphs; t interval; "
            + how_tested(int(arrangements[theme]), bool(exact[theme]), "signs")
        )
    themes = pl.Series(arranged.themes, dtype=pl.String)
    return rows_of(
        **fixed, theme=themes, group_by="theme", group=themes, reference=REST, n_documents=found.n,
        n_paragraphs=found.n_paragraphs, estimate=found.mean, low=found.low, high=found.high,
        p=np.where(smallest <= LEVEL, p, np.nan), method=methods, uncertainty_sources=sources_of(found, measurement),
        note=notes,
    )  # fmt: skip
