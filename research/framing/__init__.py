"""Framing axes: anchor texts define two poles, and every text gets a score between them with its uncertainty."""

from research.framing._anchors import Anchors
from research.framing._axis import FramingAxis
from research.framing._explain import Explanation, Faithfulness, explain, faithfulness
from research.framing._style import STYLE_FEATURES, style_features
from research.framing._validity import CodedTexts, validity_card

__all__ = [
    "Anchors",
    "FramingAxis",
    "Explanation",
    "explain",
    "Faithfulness",
    "faithfulness",
    "validity_card",
    "CodedTexts",
    "STYLE_FEATURES",
    "style_features",
]
