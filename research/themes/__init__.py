"""Themes: a codebook's, by its anchors; discovered ones; their keywords, names and quality."""

from __future__ import annotations

from research.themes._codebook import Codebook, CodebookTheme
from research.themes._coherence import Coherence, cv_coherence, npmi_coherence, topic_diversity
from research.themes._intruders import IntruderTest
from research.themes._intrusion import (
    paragraph_intruder_test,
    paragraph_intrusion,
    score_intruders,
    word_intruder_test,
    word_intrusion,
)
from research.themes._intrusion_score import IntrusionScore
from research.themes._keywords import class_keywords
from research.themes._model import ThemeModel
from research.themes._naming import ThemeSummary
from research.themes._quality import (
    cluster_recovery,
    clustering_agreement,
    first_theme_accuracy,
    mean_average_precision,
)
from research.themes._umap import map_coordinates

__all__ = [
    "ThemeModel",
    "ThemeSummary",
    "Codebook",
    "CodebookTheme",
    "map_coordinates",
    "class_keywords",
    "clustering_agreement",
    "cluster_recovery",
    "first_theme_accuracy",
    "mean_average_precision",
    "npmi_coherence",
    "cv_coherence",
    "Coherence",
    "topic_diversity",
    "word_intrusion",
    "paragraph_intrusion",
    "word_intruder_test",
    "paragraph_intruder_test",
    "score_intruders",
    "IntruderTest",
    "IntrusionScore",
]
