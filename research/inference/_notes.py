"""What `estimates` says in words: what an interval covers, how p was computed, and why something is missing."""

from __future__ import annotations

import numpy as np

from research.inference._clusters import Clusters
from research.inference._permutation import LEVEL
from research.inference._summaries import FEW, Summary

__all__ = [
    "ALIKE", "ALIKE_SIDES", "LONE", "MEASUREMENT", "by_clusters", "few", "group_note", "how_tested", "in_words",
    "joined", "no_draws", "p_note", "q_note", "robust", "share_note", "sources_of",
]  # fmt: skip

# What the draws of a quantity vary: stance scores a mention by its context, which no draw resamples.
MEASUREMENT = {"framing": "anchors;sentences", "axis": "anchors;sentences", "stance": "anchors"}

ALIKE = "all documents have the same value: how far others would differ cannot be known from them"
LONE = "a single document on one side: how far others would differ cannot be known from it, so nothing is tested"
ALIKE_SIDES = "documents of a side all have the same value: no interval over documents is possible"


def p_note(smallest: float, sides: str, clusters: Clusters | None = None) -> str | None:
    """Say why a p-value is missing, or nothing where it can be given."""
    if np.isnan(smallest):
        return "nothing to compare with"
    if smallest > LEVEL:
        needed = "documents" if clusters is None else f"clusters by {clusters.name}"
        return f"{sides}: too few for a p-value, since chance alone could order them so; more {needed} are needed"
    return None


def by_clusters(arrangements: int, tested: bool) -> str:
    """Say how p was computed where documents depend on one another."""
    if not tested:
        return "no test"
    also = f", or by {arrangements:,} arrangements of clusters, where that is larger" if arrangements else ""
    return f"two-sided p by the same t{also}"


def q_note(p: float, smallest: float, floor: float, n_comparisons: int) -> str | None:
    """Say why a q can hardly be small, however far apart the documents are; nothing where it can.

    `smallest` is the smallest p that so few documents allow, `floor` that of the arrangements looked at.
    """
    if smallest * n_comparisons > LEVEL:
        return (
            f"too few documents for a q below {LEVEL:g} of one difference alone, among {n_comparisons:,} comparisons; "
            "more documents or fewer comparisons are needed"
        )
    if p <= floor * 1.001 and floor * n_comparisons > LEVEL:
        return (
            f"p is the least that so many arrangements can give, and q is no smaller for want of more: give a larger "
            f"n_resamples or make fewer than {n_comparisons:,} comparisons"
        )
    return None


def few(n: int, lopsided: bool = False, clusters: Clusters | None = None) -> str | None:
    """Say why the interval of a mean may be too narrow, or nothing; `n` counts clusters where there are some."""
    if lopsided:
        return "one document makes most of the spread: the interval may be too narrow"
    if n >= FEW:
        return None
    if clusters is not None:
        return f"fewer than {FEW} clusters by {clusters.name}: the interval may be too narrow where they differ in kind"
    return f"fewer than {FEW} documents: the interval may be too narrow where documents are of very different kinds"


def one_cluster(n: int, clusters: Clusters) -> str:
    return f"{n} documents of one {clusters.name}: how far others would differ cannot be known from it"


def robust(clusters: Clusters | None) -> str:
    """Say in a method how documents that depend on one another were dealt with, or nothing."""
    return "" if clusters is None else f", robust to clusters by {clusters.name} (CR2)"


def no_draws(quantity: str) -> str | None:
    """Say what an interval leaves out where no draws were given, or nothing where there are none to give."""
    if quantity not in MEASUREMENT:
        return None
    return f"no draws were given: the interval leaves out the error from {in_words(MEASUREMENT[quantity])}"


def in_words(measurement: str) -> str:
    """Write sources of error as words.

    Examples
    --------
    >>> in_words("anchors;sentences")
    'example texts and sentences'
    """
    return measurement.replace("anchors", "example texts").replace(";", " and ")


def group_note(
    found: Summary, group: int, measurement: str | None, known: bool, clusters: Clusters | None
) -> str | None:
    """Say why the interval of a group's mean is missing or must not be over-read, or nothing."""
    n, unknown = int(found.n[group]), None if known else "documents that do not say; not compared"
    if n == 0:
        return joined("no paragraph has a value to estimate from", unknown)
    if n == 1:
        covers = "no interval is possible"
        if measurement:
            covers = f"the interval covers measurement ({in_words(measurement)}) only"
        return joined(f"one document: {covers}; how far documents differ cannot be known from one", unknown)
    if clusters is not None and found.n_clusters[group] == 1:
        return joined(one_cluster(n, clusters), unknown)
    narrow = few(int(found.n_clusters[group]), bool(found.lopsided[group]), clusters)
    return joined(ALIKE if found.alike[group] else narrow, unknown)


def share_note(n: int, known: bool, n_clusters: int, clusters: Clusters | None) -> str | None:
    """Say why the interval of a group's share is missing or wide, or nothing."""
    unknown = None if known else "documents that do not say; not compared"
    if n == 0:
        return joined("no paragraph to count", unknown)
    if n == 1:
        return joined("one document: no interval is possible; how far documents differ cannot be known", unknown)
    if clusters is not None and n_clusters == 1:
        return joined(one_cluster(n, clusters), unknown)
    units = "documents" if clusters is None else f"clusters by {clusters.name}"
    wide = f"fewer than 5 {units}: the interval is wide on purpose, a bootstrap would be too narrow"
    return joined(wide if n_clusters < 5 else None, unknown)


def joined(*notes: str | None) -> str | None:
    return "; ".join(note for note in notes if note) or None


def how_tested(arrangements: int, exact: bool, what: str) -> str:
    """Say how p was computed: from all arrangements, or from random ones."""
    if not arrangements:
        return "no permutation test"
    if exact:
        return f"two-sided p by all {arrangements:,} arrangements of {what}"
    return f"two-sided p by {arrangements:,} random arrangements of {what}"


def sources_of(found: Summary, measurement: str | None) -> list[str]:
    """Say what each interval covers; ``measurement`` is what the draws vary, nothing without draws."""
    several = f"{measurement};documents" if measurement else "documents"
    return [
        "none" if np.isnan(low) else several if n > 1 else measurement or "none"
        for n, low in zip(found.n, found.low, strict=True)
    ]
