"""What hand labels of stance do to a study's scorer, also to one that still holds its anchors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from research.stance import StanceScorer, Target, find_mentions
from research.study import Paragraphs
from research.study._hand_labels import HandStance
from research.study._own_stance import teach_stance
from tests.stance.test_scorer import GROUPS, X, Y, embed, told

MAYOR = Target("mayor", "The mayor", ("mayor",))


@pytest.fixture(scope="module")
def scorer() -> StanceScorer:
    return StanceScorer(n_bootstrap=2).fit(X, Y, GROUPS)


def coded(
    folder: Path, side: np.ndarray, stances: list[str], n_documents: int, texts: dict[int, str] | None = None
) -> tuple[dict[tuple[str, str], float], Paragraphs, tuple[Target, ...], int]:
    """Give paragraphs that mention the mayor on a side, and what a coder calls them."""
    found = [(texts or {}).get(row, f"The mayor of town {row} came.") for row in range(len(side))]
    ids = [f"d{row % n_documents}:{row}" for row in range(len(side))]
    table = pl.DataFrame({"paragraph_id": ids, "document_id": [name.partition(":")[0] for name in ids]})
    mentions = find_mentions(found, [MAYOR])
    vectors = told(side, 0.3, seed=5)
    paragraphs = Paragraphs(
        table, embed(found, mentions, lambda text, _: vectors[text]), mentions, np.arange(len(side))
    )
    path = folder / "stance.csv"
    rows = [f"{name},mayor,{stance}" for name, stance in zip(ids, stances, strict=True)]
    path.write_text("\n".join(["paragraph_id,target,stance", *rows]) + "\n", encoding="utf-8")
    labels = HandStance(path, ["mayor"])
    return labels.values(), paragraphs, (MAYOR,), len(labels.coders)


def test_coders_with_another_measure_move_a_scorer_that_holds_its_anchors(scorer: StanceScorer, tmp_path: Path) -> None:
    side = np.tile([0.0, 0.8, 1.6], 40)  # what is mildly in favor they call neutral
    stances = ["favor" if each > 1 else "neutral" for each in side]
    before = scorer.calibration_.copy()
    taught, own = teach_stance(scorer, *coded(tmp_path, side, stances, 12))
    assert own.moved and taught is not scorer and np.array_equal(scorer.calibration_, before)
    assert (own.n_units, own.n_unheard, own.n_in_others_words, own.n_coders, own.n_classes) == (120, 0, 0, 1, 2)
    assert own.after is not None and own.after > own.before + 0.05 and own.most_frequent == pytest.approx(0.4)


def test_labels_that_it_knows_leave_it(scorer: StanceScorer, tmp_path: Path) -> None:
    names = ["against", "neutral", "favor"]
    taught, own = teach_stance(scorer, *coded(tmp_path, Y, [names[y + 1] for y in Y], 10))
    assert own.before > 0.85 and own.after is not None and own.after > own.before - 0.05
    assert np.corrcoef(taught.predict(X), scorer.predict(X))[0, 1] > 0.98


def test_one_document_moves_nothing(scorer: StanceScorer, tmp_path: Path) -> None:
    taught, own = teach_stance(scorer, *coded(tmp_path, np.tile([0.0, 0.75, 1.0], 20), ["neutral", "against"] * 30, 1))
    assert taught is scorer and not own.moved and own.after is None


def test_what_is_not_read_is_counted_with_what_the_run_says_of_it(scorer: StanceScorer, tmp_path: Path) -> None:
    texts = {0: "Nobody came.", 1: "Critics say that the mayor is a liar and a thief."}
    _, own = teach_stance(scorer, *coded(tmp_path, np.ones(12), ["favor", "favor", *["neutral"] * 10], 6, texts))
    assert (own.n_units, own.n_unheard, own.n_in_others_words, own.n_classes) == (12, 1, 1, 1)
    only, facts = teach_stance(scorer, *coded(tmp_path, np.ones(2), ["favor", "neutral"], 2, {0: "No.", 1: "Nor."}))
    assert only is scorer and facts.n_unheard == 2 and facts.after is None
