"""Estimates for groups of documents, with their uncertainty, and agreement between coders and methods."""

from research.inference._agreement import krippendorff_alpha, macro_f1, spearman_interval
from research.inference._bootstrap import ClusteredInterval, clustered_interval
from research.inference._gold import gold_labels
from research.inference._groups import estimate_groups
from research.inference._theme_support import theme_support

__all__ = [
    "estimate_groups",
    "theme_support",
    "krippendorff_alpha",
    "spearman_interval",
    "macro_f1",
    "gold_labels",
    "clustered_interval",
    "ClusteredInterval",
]
