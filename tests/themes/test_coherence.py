"""Coherence against gensim where it is installed, and against numbers that gensim 4.4.0 gave where it is not.

The frozen numbers were printed by this file: `python tests/themes/test_coherence.py`, from the repository's root and
with gensim installed.
"""

from __future__ import annotations

import math
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from research.errors import InputError
from research.themes import Coherence, cv_coherence, npmi_coherence, topic_diversity

MEASURES = {"c_npmi": npmi_coherence, "c_v": cv_coherence}
# (measure, seed, window): a theme each
FROZEN = {
    ("c_npmi", 0, 10): (-0.039593190533, -0.066604569092, -0.028662547646, 0.010258780120),
    ("c_npmi", 1, 3): (-0.119016211713, -0.118646223326, -0.049898804916, 0.012102870992),
    ("c_v", 0, 110): (0.692859984906, 0.750795928108, 0.530212548742, 0.629605768993),
    ("c_v", 1, 5): (0.671899777569, 0.386009210378, 0.326153069045, 0.377168983255),
}


def made_up(seed: int, n_texts: int = 30, longest: int = 60) -> tuple[list[list[str]], list[list[str]]]:
    """Give themes of words, some listed twice, and texts, some empty or shorter than a window, with repeats."""
    # Python's own arithmetic, so that the frozen inputs outlive changes of numpy's generators.
    state = seed * 7919 + 1

    def below(n: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % n

    def word() -> str:
        return f"w{min(below(20), below(20))}"

    texts = [[word() for _ in range(below(longest))] for _ in range(n_texts)] + [[]]
    keywords = [[word() for _ in range(2 + below(7))] for _ in range(4)]
    return keywords, texts


def by_gensim(measure: str, keywords: list[list[str]], texts: list[list[str]], window: int) -> list[float]:
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    model = CoherenceModel(
        topics=keywords,
        texts=texts,
        dictionary=Dictionary(texts),
        coherence=measure,
        window_size=window,
        topn=100,
        processes=1,
    )
    return [float(value) for value in model.get_coherence_per_topic()]


@pytest.mark.parametrize("measure", MEASURES)
def test_values_are_those_of_gensim(measure: str) -> None:
    pytest.importorskip("gensim")
    compared = 0
    for seed in range(20):
        for window in (2, 3, 7, 10, 30, 110):
            keywords, texts = made_up(seed, n_texts=1 + seed % 12)
            occurring = {token for text in texts for token in text}
            keywords = [words for words in keywords if len(set(words) & occurring) > 1]
            if not keywords:
                continue
            found = MEASURES[measure](keywords, texts, window=window, missing="leave_out")
            assert np.allclose(found.per_theme, by_gensim(measure, keywords, texts, window), rtol=0, atol=1e-9)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("measure", MEASURES)
def test_default_windows_are_those_of_gensim(measure: str) -> None:
    pytest.importorskip("gensim")
    from gensim.models.coherencemodel import SLIDING_WINDOW_SIZES

    keywords, texts = made_up(3, n_texts=10, longest=300)
    expected = by_gensim(measure, keywords, texts, SLIDING_WINDOW_SIZES[measure])
    assert np.allclose(MEASURES[measure](keywords, texts).per_theme, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("measure", "seed", "window"), FROZEN)
def test_values_are_those_that_gensim_gave(measure: str, seed: int, window: int) -> None:
    keywords, texts = made_up(seed)
    found = MEASURES[measure](keywords, texts, window=window)
    assert np.allclose(found.per_theme, FROZEN[measure, seed, window], rtol=0, atol=1e-9)
    assert found.mean == pytest.approx(sum(found.per_theme) / len(found.per_theme), abs=1e-12)


@pytest.mark.parametrize("window", [2, 3, 10, 110])
def test_exact_windows_count_what_the_formula_says(window: int) -> None:
    keywords, texts = made_up(5)
    shown = [set(text[k : k + window]) for text in texts for k in range(max(len(text) - window + 1, 1))]

    def share(*words: str) -> float:
        return sum(all(word in each for word in words) for each in shown) / len(shown)

    for words, value in zip(
        keywords, npmi_coherence(keywords, texts, window=window, windows="exact").per_theme, strict=True
    ):
        pairs = [(a, b) for i, a in enumerate(words) for j, b in enumerate(words) if i != j]
        npmi = [
            math.log((share(a, b) + 1e-12) / (share(a) * share(b))) / -math.log(share(a, b) + 1e-12) for a, b in pairs
        ]
        assert value == pytest.approx(sum(npmi) / len(npmi), abs=1e-9)


def test_gensim_forgets_a_repeated_word() -> None:
    texts = [["a", "b", "a", "c", "x", "x"]]
    # Windows of three: a is in the first three; gensim loses it with the first a, so that it never meets c.
    assert npmi_coherence([["a", "c"]], texts, window=3).mean < -0.9
    assert npmi_coherence([["a", "c"]], texts, window=3, windows="exact").mean > -0.3


def test_words_together_apart_and_by_chance() -> None:
    together = [["a", "b"], ["c"]] * 10
    assert npmi_coherence([["a", "b"]], together).mean == pytest.approx(1)
    assert npmi_coherence([["a", "c"]], together).mean == pytest.approx(-1, abs=0.06)
    by_chance = [["a", "b"], ["a"], ["b"], []]
    assert npmi_coherence([["a", "b"]], by_chance).mean == pytest.approx(0, abs=1e-9)


def test_the_order_of_texts_does_not_matter() -> None:
    keywords, texts = made_up(2)
    for measure in MEASURES.values():
        assert measure(keywords, texts[::-1]) == measure(keywords, iter(texts))


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    keywords, texts = made_up(4)
    whole = npmi_coherence(keywords, texts)
    monkeypatch.setattr("research.themes._coherence._BLOCK", 7)
    assert npmi_coherence(keywords, texts) == whole


def test_a_word_that_never_occurs_is_an_error_unless_left_out() -> None:
    texts = [["a", "b", "c"], ["a"], ["b", "x"], ["x"]]
    with pytest.raises(InputError, match=r"1 of 4 keywords occur in no text \('prime minister'\)"):
        npmi_coherence([["a", "b"], ["a", "prime minister", "c"]], texts)
    found = npmi_coherence([["a", "b"], ["a", "prime minister", "c"]], texts, missing="leave_out")
    assert found.left_out == ((), ("prime minister",))
    assert found.per_theme == npmi_coherence([["a", "b"], ["a", "c"]], texts).per_theme
    with pytest.raises(InputError, match=r"theme 0 .* has 1 keywords"):
        cv_coherence([["a", "lost"]], texts, missing="leave_out")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"keywords": []}, "no themes"),
        ({"keywords": ["ab"]}, "one string"),
        ({"texts": []}, "no texts"),
        ({"texts": [["a"], "a b"]}, r"text 1 .* is a string"),
        ({"texts": [[], []]}, "occur in no text"),
        ({"window": 1}, "at least 2"),
        ({"window": 2.5}, "at least 2"),
        ({"missing": "nan"}, "'error' and 'leave_out'"),
        ({"windows": "all"}, "'gensim' and 'exact'"),
    ],
)
def test_what_cannot_be_scored_is_refused(changed: dict[str, Any], message: str) -> None:
    for measure in MEASURES.values():
        with pytest.raises(InputError, match=message):
            measure(**{"keywords": [["a", "b"]], "texts": [["a", "b"]], **changed})


def test_long_texts_and_many_themes_are_quick() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"w{k}" for k in range(5000)])
    texts = [words[np.minimum(rng.geometric(1 / 400, 180), 4999)].tolist() for _ in range(2225)]
    keywords = [rng.choice(words[:800], 10, replace=False).tolist() for _ in range(50)]
    begun = time.perf_counter()
    found = cv_coherence(keywords, texts, missing="leave_out")
    assert time.perf_counter() - begun < 10
    assert isinstance(found, Coherence) and len(found.per_theme) == 50


def test_diversity_is_the_share_of_distinct_words() -> None:
    assert topic_diversity([["a", "b"], ["c", "d"]]) == 1
    assert topic_diversity([["a", "b"], ["b", "a"]]) == 0.5
    assert topic_diversity([["a", "b", "c"], ["a"]]) == 0.75
    sizes = [topic_diversity([["a", "b"]] * n) for n in range(1, 6)]
    assert all(more > less for more, less in pairwise(sizes))
    for wrong in ([], [[]]):
        with pytest.raises(InputError, match="no keywords"):
            topic_diversity(wrong)
    with pytest.raises(InputError, match="one string"):
        topic_diversity(["ab"])  # type: ignore[list-item]


if __name__ == "__main__":
    for measure, seed, window in FROZEN:
        print(f'    ("{measure}", {seed}, {window}): {tuple(by_gensim(measure, *made_up(seed), window))},')
