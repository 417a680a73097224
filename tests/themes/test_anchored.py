from __future__ import annotations

from dataclasses import replace

import numpy as np

from research.themes import Codebook, CodebookTheme
from research.themes._anchored import NOT_COUNTED, AnchoredThemes, _ridge
from research.themes._geometry import unit


def test_left_out_identity_is_the_regression_without_the_anchor() -> None:
    rng = np.random.default_rng(0)
    anchors, theme = unit(rng.normal(size=(12, 6))), np.repeat([0, 1, 2], [3, 4, 5])
    _, left_out = _ridge(anchors, theme, 3)
    weight = 1 / np.bincount(theme)[theme]
    weight = weight / weight.mean()
    target = np.eye(3)[theme] - 1 / 3
    for row in range(12):
        kept = np.arange(12) != row
        a, w = anchors[kept], weight[kept]
        solution = np.linalg.solve((a * w[:, None]).T @ a + np.eye(6), (a * w[:, None]).T @ target[kept])
        np.testing.assert_allclose(left_out[row], anchors[row] @ solution, atol=1e-9)


def test_sentences_go_to_their_theme(encoder, codebook: Codebook, corpus) -> None:
    embeddings, topics = corpus
    fitted = AnchoredThemes.fit(codebook.encode(encoder), unit(embeddings.sentences.vectors))
    log_odds, _ = fitted.score(unit(embeddings.sentences.vectors))
    for row, paragraph in enumerate(embeddings.sentences.paragraph):
        if len(topics[paragraph]) == 1 and topics[paragraph] <= {"energy", "sport"}:
            assert codebook.names[int(np.argmax(log_odds[row]))] in topics[paragraph]


def test_an_exclusion_nearer_than_all_anchors_takes_the_theme_away(encoder, codebook: Codebook) -> None:
    tricky = "Grid reactor match goal league."
    energy = replace(codebook.themes[0], exclusions=(tricky,))
    vectors = unit(encoder.encode([tricky, codebook.themes[0].anchors[0]]).vectors)
    before, _ = AnchoredThemes.fit(codebook.encode(encoder), vectors).score(vectors)
    after, _ = AnchoredThemes.fit(Codebook((energy, codebook.themes[1])).encode(encoder), vectors).score(vectors)
    assert before[0, 0] > NOT_COUNTED and after[0, 0] == NOT_COUNTED
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[:, 1], before[:, 1])


def test_one_theme_and_one_anchor_still_score(encoder) -> None:
    sparse = Codebook((CodebookTheme("energy", "Energy", "Oil gas reactor.", ("Crude fuel grid.",)),)).encode(encoder)
    vectors = unit(encoder.encode(["Oil gas reactor.", "Match goal league."]).vectors)
    log_odds, _ = AnchoredThemes.fit(sparse, vectors).score(vectors)
    assert np.all(np.isfinite(log_odds)) and log_odds[0, 0] > 0 > log_odds[1, 0]
