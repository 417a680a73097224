"""Themes: a codebook's, by its anchors; discovered ones, by UMAP and HDBSCAN; their keywords and quality."""

from __future__ import annotations

from research.themes._codebook import Codebook, CodebookTheme
from research.themes._discovery import map_coordinates
from research.themes._keywords import class_keywords
from research.themes._model import ThemeModel
from research.themes._quality import clustering_agreement, first_theme_accuracy, mean_average_precision

__all__ = [
    "ThemeModel",
    "Codebook",
    "CodebookTheme",
    "map_coordinates",
    "class_keywords",
    "clustering_agreement",
    "first_theme_accuracy",
    "mean_average_precision",
]
