"""Explanations add up to the score, stand where the words stand, and mark what the score hangs on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

from research.embedding import Encoder
from research.errors import InputError, ModelError
from research.framing import Anchors, Explanation, FramingAxis, explain, faithfulness, style_features

TEXTS = (
    "A glorious morning of friendship crowned the visit on Monday. Ministers signed nine papers in the old palace, and "
    "two proud nations vowed to climb together, hand in hand, toward a brighter century.",
    "The visit may ease the shortage for a while. But the deal depends on prices that neither side controls, analysts "
    "warned, and the debts behind it remain, because the last government borrowed against the port.",
    "The ministers met on Monday at 10 a.m. in the capital. They discussed fishing quotas and left in the evening, and "
    "the next round of talks is planned for 12 May, the foreign office said.",
    "It was a triumph for the whole region. Thousands lined the avenue as the new bridge, a marvel of steel and "
    "patience, opened to the sound of drums on Friday, and an inspiring promise made long ago was kept.",
    "Farmers in the north will get part of the money, but how much is unclear. The fund relies on a levy that courts "
    "may yet strike down, and even so it would cover less than half of the losses, economists estimate.",
    "The budget passed by 61 votes to 48 on Thursday. Whether it can work depends on growth of 4 percent, a rate that "
    "the country last saw before the war, and critics doubt that exports can recover so soon.",
)

# More than the 256 tokens that the model reads at once, in two sentences.
LONG = " ".join(TEXTS * 2).replace(". ", "; ") + " They left."


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> Encoder:
    return Encoder(cache=tmp_path_factory.mktemp("cache") / "vectors.db")


@pytest.fixture(scope="module")
def anchors() -> Anchors:
    """Give the shipped anchors on every sixth subject, which make an axis in a sixth of the time."""
    shipped = Anchors.load("celebratory")
    subjects = sorted(set(shipped.subjects))[::6]
    rows = [row for row, subject in enumerate(shipped.subjects) if subject in subjects]
    return replace(
        shipped,
        texts=tuple(shipped.texts[row] for row in rows),
        poles=shipped.poles[rows],
        subjects=tuple(shipped.subjects[row] for row in rows),
    )


@pytest.fixture(scope="module")
def axis(encoder, anchors) -> FramingAxis:
    return FramingAxis(n_bootstrap=2).fit(encoder.encode(anchors.texts), anchors.poles, anchors.subjects)


def total(found: Explanation) -> float:
    return found.words["contribution"].sum() + found.style["contribution"].sum() + found.baseline


@pytest.mark.parametrize("text", [TEXTS[0], TEXTS[1], "Met.", " A great \n\n day…  ", LONG])
def test_contributions_add_up_to_the_position(axis, encoder, text) -> None:
    found = explain(axis, encoder, text)
    embeddings = encoder.encode([text])
    assert (embeddings.n_pieces[0] > 1) == (text == LONG)
    assert found.position == axis.scale_.position(axis._features(embeddings))[0]
    assert found.score == axis.predict(embeddings)[0]
    assert abs(total(found) - found.position) < 1e-5
    assert found.words["word"].to_list() == text.split()
    assert [text[a:b] for a, b in found.words.select("start", "end").iter_rows()] == text.split()
    if len(text) > 100:  # the two tokens that the model adds must not carry the score of a paragraph
        assert abs(found.baseline) < 0.1


def test_it_holds_on_both_sides_of_the_middle_and_with_other_features(axis, encoder, anchors) -> None:
    sides = [explain(axis, encoder, text).position for text in TEXTS[:2]]
    assert sides[0] > 0 > sides[1]
    own = Encoder(layers=(4,))
    rows = np.arange(len(anchors))
    plain = FramingAxis(n_bootstrap=2, style=False).fit(
        own.encode([anchors.texts[row] for row in rows]), anchors.poles[rows]
    )
    found = explain(plain, own, TEXTS[0])
    assert abs(total(found) - found.position) < 1e-5
    assert len(found.style) == 0
    assert found.style.schema == {"device": pl.String, "rate": pl.Float64, "contribution": pl.Float64}


def test_style_devices_have_their_rates(axis, encoder) -> None:
    found = explain(axis, encoder, TEXTS[1])
    assert np.array_equal(found.style["rate"], style_features([TEXTS[1]])[0])
    rates = dict(found.style.select("device", "rate").iter_rows())
    contributions = dict(found.style.select("device", "contribution").iter_rows())
    assert rates["hedge"] > 0 and rates["praise"] == 0 and contributions["praise"] == 0
    assert contributions["hedge"] != 0


def test_sentences_are_read_in_context_and_deleted(axis, encoder) -> None:
    text = TEXTS[0]
    found = explain(axis, encoder, text)
    assert found.sentences["sentence"].to_list() == [text[:61], text[62:]]
    assert found.sentences.select("start", "end").rows() == [(0, 61), (62, len(text))]
    inside = axis.predict_sentences(encoder.encode([text]))
    assert np.array_equal(found.sentences["position"].clip(-1, 1), inside)
    left = axis.scale_.position(axis._features(encoder.encode([text[62:], text[:61]])))
    np.testing.assert_array_equal(found.sentences["change"], left - found.position)
    alone = explain(axis, encoder, "Ministers met.").sentences
    assert alone["change"].to_list() == [None] and len(alone) == 1


def test_changes_of_words_are_estimated_or_measured(axis, encoder) -> None:
    text = "It was a glorious summit, and analysts warned of costs."
    states, deletion = (explain(axis, encoder, text, method=method).words for method in ("states", "deletion"))
    left = axis.scale_.position(axis._features(encoder.encode([text.replace(" glorious", "")])))
    assert deletion["change"][3] == left[0] - explain(axis, encoder, text).position
    assert states["change"].arg_min() == deletion["change"].arg_min() == 3
    assert np.corrcoef(states["change"], deletion["change"])[0, 1] > 0.6
    assert states.drop("change").equals(deletion.drop("change"))
    assert explain(axis, encoder, "Met.").words["change"].to_list() == [None]


def test_nearest_anchors_are_the_most_similar_of_each_voice(axis, encoder, anchors) -> None:
    row = int(np.flatnonzero(anchors.poles == 1)[3])
    found = explain(axis, encoder, anchors.texts[row], anchors, n_anchors=2).nearest_anchors
    assert found["pole"].to_list() == [1, 1, 0, 0, -1, -1]
    assert found["voice"].to_list() == [v for v in ("celebratory", "neutral", "analytical") for _ in range(2)]
    assert found["anchor"][0] == anchors.texts[row] and found["subject"][0] == anchors.subjects[row]
    assert found["similarity"][0] == pytest.approx(1, abs=1e-6)
    assert found["similarity"][0] >= found["similarity"][1] and found["similarity"].is_between(-1, 1).all()
    assert explain(axis, encoder, TEXTS[0]).nearest_anchors is None


def test_deleting_what_it_marks_moves_the_score_thrice_as_far(axis, encoder) -> None:
    found = faithfulness(axis, encoder, TEXTS, n_words=0.15, n_random=5)
    assert found.ratio >= 3
    assert found.low <= found.ratio == found.marked / found.random <= found.high
    assert found.n_texts == len(TEXTS)
    assert faithfulness(axis, encoder, TEXTS[:2], n_words=3, n_random=2) == faithfulness(
        axis, encoder, TEXTS[:2], n_words=3, n_random=2
    )


def test_what_cannot_be_explained_is_told(axis, encoder, anchors) -> None:
    with pytest.raises(InputError, match="empty"):
        explain(axis, encoder, "  ")
    with pytest.raises(InputError, match="`method` is 'gradient'"):
        explain(axis, encoder, "Met.", method="gradient")
    with pytest.raises(InputError, match="`n_anchors` is 0"):
        explain(axis, encoder, "Met.", anchors, n_anchors=0)
    with pytest.raises(NotFittedError):
        explain(FramingAxis(), encoder, "Met.")
    arrays = FramingAxis(n_bootstrap=2).fit(np.repeat([[1.0], [0.0], [-1.0]], 4, axis=0), np.repeat([1, 0, -1], 4))
    with pytest.raises(InputError, match="fitted on an array"):
        explain(arrays, encoder, "Met.")
    with pytest.raises(InputError, match="no hidden layers"):
        explain(axis, Encoder(layers=()), "Met.")
    with pytest.raises(InputError, match="this axis reads"):
        explain(axis, Encoder(layers=(1, 6)), "Met.")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"texts": []}, "no text"),
        ({"texts": "Met."}, "give a list"),
        ({"n_words": 0}, "`n_words` is 0"),
        ({"n_words": 1.5}, "`n_words` is 1.5"),
        ({"n_words": 2}, "give longer texts"),
        ({"n_random": 0}, "`n_random` is 0"),
        ({"confidence": 1}, "`confidence` is 1"),
    ],
)
def test_a_measurement_that_cannot_be_is_told(axis, encoder, options, message) -> None:
    with pytest.raises(InputError, match=message):
        faithfulness(axis, encoder, **{"texts": ["Ministers met."], **options})


def test_models_that_do_not_average_tokens_are_refused(axis, encoder, monkeypatch) -> None:
    own = Encoder().load()
    monkeypatch.setattr(own._loaded, "_pools_tokens", False)
    with pytest.raises(ModelError, match="does not average"):
        explain(axis, own, "Met.")
