"""Framing axes: anchor texts define two poles, and every text gets a score between them with its uncertainty."""

from research.framing._anchors import Anchors
from research.framing._axis import FramingAxis
from research.framing._cross_encoder import CrossEncoderAxis
from research.framing._explain import Explanation, Faithfulness, explain, faithfulness
from research.framing._labelled import LabelledAxis
from research.framing._learning_curve import learning_curve
from research.framing._reliability import brier, expected_calibration_error, reliability_table
from research.framing._style import STYLE_FEATURES, style_features
from research.framing._validity import CodedTexts, validity_card

__all__ = [
    "Anchors",
    "FramingAxis",
    "LabelledAxis",
    "CrossEncoderAxis",
    "learning_curve",
    "brier",
    "expected_calibration_error",
    "reliability_table",
    "Explanation",
    "explain",
    "Faithfulness",
    "faithfulness",
    "validity_card",
    "CodedTexts",
    "STYLE_FEATURES",
    "style_features",
]
