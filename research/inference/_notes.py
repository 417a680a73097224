"""What `estimates` says in words: what an interval covers, how p was computed, and why something is missing."""

from __future__ import annotations

import numpy as np

from research.inference._summaries import Summary

__all__ = [
    "ALIKE", "ALIKE_SIDES", "LEVEL", "few", "group_note", "how_tested", "joined", "p_note", "share_note",
    "sources_of",
]  # fmt: skip

# A p-value that cannot fall below this for any arrangement is not given.
LEVEL = 0.05

ALIKE = "all documents have the same value: how far others would differ cannot be known from them"
ALIKE_SIDES = "documents of a side all have the same value: no interval over documents is possible"


def p_note(smallest: float, sides: str) -> str | None:
    """Say why a p-value is missing, or nothing where it can be given."""
    if np.isnan(smallest):
        return "nothing to compare with"
    if smallest <= LEVEL:
        return None
    return (
        f"with {sides} no two-sided permutation p below {smallest:.3g} is possible; "
        "more documents are needed for a comparison"
    )


def few(n: int) -> str | None:
    if n >= 5:
        return None
    return "fewer than 5 documents: a t interval, which may be too narrow where documents are of very different kinds"


def group_note(n: int, measured: bool, known: bool, alike: bool) -> str | None:
    unknown = None if known else "documents that do not say; not compared"
    if n == 0:
        return joined("no paragraph has a value to estimate from", unknown)
    if n == 1:
        covers = "the interval covers measurement only" if measured else "no interval is possible"
        return joined(f"one document: {covers}; how far documents differ cannot be known from one", unknown)
    return joined(ALIKE if alike else few(n), unknown)


def share_note(n: int, known: bool) -> str | None:
    unknown = None if known else "documents that do not say; not compared"
    if n == 0:
        return joined("no paragraph to count", unknown)
    if n == 1:
        return joined("one document: no interval is possible; how far documents differ cannot be known", unknown)
    wide = "fewer than 5 documents: the interval is wide on purpose, a bootstrap would be too narrow" if n < 5 else None
    return joined(wide, unknown)


def joined(*notes: str | None) -> str | None:
    return "; ".join(note for note in notes if note) or None


def how_tested(arrangements: int, n_resamples: int, what: str) -> str:
    """Say how p was computed."""
    if not arrangements:
        return "no permutation test"
    if arrangements == n_resamples:
        return f"two-sided p by {arrangements:,} random arrangements of {what}"
    return f"two-sided p by all {arrangements:,} arrangements of {what}"


def sources_of(found: Summary, measured: bool) -> list[str]:
    """Say what each interval covers."""
    several = "anchors;sentences;documents" if measured else "documents"
    return [
        "none" if np.isnan(low) else several if n > 1 else "anchors;sentences"
        for n, low in zip(found.n, found.low, strict=True)
    ]
