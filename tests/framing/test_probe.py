"""With the real encoder: neither good nor bad news is a voice, and praise and weighing are."""

from __future__ import annotations

import numpy as np
import pytest

from research.embedding import Encoder
from research.framing import Anchors, FramingAxis

# Plain reports in pairs: the same news, once welcome and once not.
GOOD = (
    "Inflation fell to 2 percent in March from 5 percent in February, the statistics office said on Tuesday. The next "
    "figures are due on 12 May.",
    "The home side beat the visitors 3-1 on Saturday in front of 21,000 spectators. The second leg will be "
    "played on Wednesday.",
    "Unemployment in the province dropped to 4.1 percent in the third quarter, according to the labour ministry's "
    "monthly bulletin.",
    "The ferry reached the harbour at 6 a.m. after an engine was repaired at sea, and all 140 passengers went ashore, "
    "the coast guard said.",
    "The carmaker reported a profit of 40 million euros for the year and said that 300 people would be hired at its "
    "plant in the north.",
    "The bridge over the river reopened to traffic on Friday. It had been closed for eleven days, the roads department "
    "said.",
)
BAD = (
    "Inflation rose to 9 percent in March from 5 percent in February, the statistics office said on Tuesday. The next "
    "figures are due on 12 May.",
    "The home side lost to the visitors 3-1 on Saturday in front of 21,000 spectators. The second leg will be "
    "played on Wednesday.",
    "Unemployment in the province climbed to 9.4 percent in the third quarter, according to the labour ministry's "
    "monthly bulletin.",
    "The ferry sank outside the harbour at 6 a.m. after an engine caught fire at sea, and 11 passengers drowned, the "
    "coast guard said.",
    "The carmaker reported a loss of 40 million euros for the year and said that 300 people would be dismissed at its "
    "plant in the north.",
    "The bridge over the river was closed to traffic on Friday. It will stay closed for eleven days, the roads "
    "department said.",
)
VOICES = (
    "A glorious morning of friendship crowned the visit, and two proud nations vowed to climb together, hand in hand.",
    "The visit may ease the shortage for a while, but the deal depends on prices that neither side controls, and the "
    "debts behind it remain.",
)


@pytest.fixture(scope="module")
def scores():
    encoder = Encoder()
    anchors = Anchors.load("celebratory")
    axis = FramingAxis(n_bootstrap=2).fit(encoder.encode(anchors.texts), anchors.poles, anchors.subjects)
    assert not axis.warnings_
    return [axis.predict(encoder.encode(texts)) for texts in (GOOD, BAD, VOICES)]


def test_neutral_news_is_not_strongly_scored_good_or_bad(scores) -> None:
    good, bad, _ = scores
    assert abs(np.mean(good)) < 0.5 and abs(np.mean(bad)) < 0.5
    # Valence leaks a little through frozen sentence vectors; it must stay far from the distance between the poles.
    assert abs(np.mean(good) - np.mean(bad)) < 0.6


def test_voices_are_strongly_scored(scores) -> None:
    assert scores[2][0] > 0.6 and scores[2][1] < -0.6
