"""Stance toward named targets: find their mentions, and score what the text's own voice says of them."""

from research.stance._anchors import StanceAnchors
from research.stance._features import mention_features
from research.stance._mentions import Mentions, find_mentions, mark_mentions
from research.stance._scorer import StanceScorer
from research.stance._targets import Target, alias_pattern, check_targets

__all__ = [
    "Target",
    "alias_pattern",
    "check_targets",
    "Mentions",
    "find_mentions",
    "mark_mentions",
    "mention_features",
    "StanceAnchors",
    "StanceScorer",
]
