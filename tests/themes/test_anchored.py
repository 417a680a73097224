from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from research.themes import Codebook, CodebookTheme
from research.themes._anchored import NOT_COUNTED, AnchoredThemes
from research.themes._geometry import unit
from research.themes._input import Paragraphs, read_input
from research.themes._labels import Labels


@pytest.fixture(scope="module")
def paragraphs(corpus) -> Paragraphs:
    embeddings, _ = corpus
    return read_input(embeddings, embeddings.vectors)


@pytest.fixture(scope="module")
def truth(corpus, codebook: Codebook) -> np.ndarray:
    return np.array([[name in topics for name in codebook.names] for topics in corpus[1]])


def test_sentences_go_to_their_theme(encoder, codebook: Codebook, corpus) -> None:
    embeddings, topics = corpus
    fitted = AnchoredThemes.fit(codebook.encode(encoder), unit(embeddings.sentences.vectors))
    log_odds, _ = fitted.score(unit(embeddings.sentences.vectors))
    for row, paragraph in enumerate(embeddings.sentences.paragraph):
        if len(topics[paragraph]) == 1 and topics[paragraph] <= {"energy", "sport"}:
            assert codebook.names[int(np.argmax(log_odds[row]))] in topics[paragraph]


@pytest.mark.parametrize("drop", [(), ("anchors",), ("definition",), ("anchors", "definition")])
def test_any_codebook_finds_its_themes(drop, encoder, codebook: Codebook, paragraphs, truth) -> None:
    """From examples alone to anchors with a definition: one rule."""
    kept = [
        replace(
            theme,
            definition="" if "definition" in drop else "; ".join(text.rstrip(".") for text in theme.anchors[:4]),
            anchors=() if "anchors" in drop else theme.anchors,
            examples=theme.anchors if len(drop) == 2 else (),
        )
        for theme in codebook.themes
    ]
    fitted = AnchoredThemes.fit(Codebook(tuple(kept)).encode(encoder), paragraphs)
    found = fitted.assess(paragraphs).log_odds >= fitted.cut
    assert 2 * np.sum(found & truth) / (found.sum() + truth.sum()) > 0.85


def test_an_exclusion_nearer_than_all_anchors_takes_the_theme_away(encoder, codebook: Codebook) -> None:
    tricky = "Grid reactor match goal league."
    energy = replace(codebook.themes[0], exclusions=(tricky,))
    vectors = unit(encoder.encode([tricky, codebook.themes[0].anchors[0]]).vectors)
    before, _ = AnchoredThemes.fit(codebook.encode(encoder), vectors).score(vectors)
    fitted = AnchoredThemes.fit(Codebook((energy, codebook.themes[1])).encode(encoder), vectors)
    after, _ = fitted.score(vectors)
    assert before[0, 0] > NOT_COUNTED and after[0, 0] == NOT_COUNTED
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[:, 1], before[:, 1])
    assert fitted.assess(vectors).log_odds[0, 0] == NOT_COUNTED


def test_one_theme_and_one_anchor_still_score(encoder) -> None:
    sparse = Codebook((CodebookTheme("energy", "Energy", "Oil gas reactor.", ("Crude fuel grid.",)),)).encode(encoder)
    vectors = unit(encoder.encode(["Oil gas reactor.", "Match goal league."]).vectors)
    fitted = AnchoredThemes.fit(sparse, vectors)
    log_odds = fitted.assess(vectors).log_odds
    assert np.all(np.isfinite(log_odds)) and log_odds[0, 0] > 0 > log_odds[1, 0]


def test_names_alone_still_score(encoder) -> None:
    names = Codebook(tuple(CodebookTheme(word, word, word) for word in ("oil", "match", "nurse"))).encode(encoder)
    vectors = unit(encoder.encode(["Oil gas.", "Match goal.", "Nurse ward.", "Comet."]).vectors)
    fitted = AnchoredThemes.fit(names, vectors)
    log_odds = fitted.assess(vectors).log_odds
    assert np.argmax(log_odds[:3], axis=1).tolist() == [0, 1, 2]
    assert np.all(log_odds[np.arange(3), np.arange(3)] > fitted.cut) and np.all(log_odds[3] < fitted.cut)


def test_order_and_company_leave_no_trace(encoder, codebook: Codebook, paragraphs) -> None:
    encoded = codebook.encode(encoder)
    one = AnchoredThemes.fit(encoded, paragraphs)
    order = np.random.default_rng(0).permutation(len(paragraphs))
    ends = np.append(paragraphs.starts[1:], len(paragraphs.sentences))
    sentences = [np.arange(paragraphs.starts[row], ends[row]) for row in order]
    starts = np.cumsum([0, *(len(each) for each in sentences)])[:-1]
    moved = Paragraphs(paragraphs.vectors[order], paragraphs.sentences[np.concatenate(sentences)], starts, None, None)
    other = AnchoredThemes.fit(encoded, moved)
    np.testing.assert_array_equal(one.assess(paragraphs).log_odds[order], other.assess(moved).log_odds)
    assert one.cut == other.cut


def test_labels_change_paragraphs_both_ways_and_survive_saving(
    encoder, codebook: Codebook, paragraphs, truth, corpus
) -> None:
    """Coders put energy where the corpus speaks of space, and take it away where it speaks of energy alone."""
    space = np.array([topics == {"space"} for topics in corpus[1]])
    coded = truth.copy()
    coded[space, 0] = True
    encoded = codebook.encode(encoder)
    plain = AnchoredThemes.fit(encoded, paragraphs)
    rows = np.arange(0, len(paragraphs), 2)[: len(paragraphs) // 2]
    rows = np.sort(np.concatenate([rows, np.flatnonzero(space)[::2]]))
    rows = np.unique(rows)
    fitted = AnchoredThemes.fit(encoded, paragraphs, Labels.of(paragraphs, rows, coded[rows]))
    rest = np.setdiff1d(np.flatnonzero(space), rows)
    before, after = (each.assess(paragraphs).log_odds for each in (plain, fitted))
    assert fitted.correction is not None and len(fitted.correction.gain) == 3
    assert np.all(after[rest, 0] > before[rest, 0])
    again = AnchoredThemes.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(again.assess(paragraphs).log_odds, after)
    assert again.cut == fitted.cut


def test_drawing_the_texts_again_keeps_every_theme(encoder, wider_codebook: Codebook, paragraphs) -> None:
    fitted = AnchoredThemes.fit(wider_codebook.encode(encoder), paragraphs)
    drawn = fitted.resample(np.random.default_rng(0))
    assert np.bincount(drawn.anchor_theme).tolist() == np.bincount(fitted.anchor_theme).tolist()
    log_odds = drawn.assess(paragraphs).log_odds
    assert np.all(np.isfinite(log_odds)) and not np.array_equal(log_odds, fitted.assess(paragraphs).log_odds)
    assert np.mean(np.argmax(log_odds, axis=1) == np.argmax(fitted.assess(paragraphs).log_odds, axis=1)) > 0.8
