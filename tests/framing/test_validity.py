"""The validity card: each check finds what it is there for, and says so."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from research._tables import check_table
from research.errors import InputError
from research.framing import Anchors, CodedTexts, FramingAxis, validity_card
from research.framing import _rank_statistics as ranks
from research.framing import _validity as module
from research.framing._anchor_ridge import LeftOutRidge
from research.framing._theme_variance import ThemeVariance

SUBJECTS = np.repeat([f"s{number:02d}" for number in range(12)], 3)
POLES = np.tile([-1, 0, 1], 12)
N = 60
DOCUMENTS = [f"d{row % 12}" for row in range(N)]


def anchors(poles=POLES, subjects=SUBJECTS, words=("whereas", "reported", "hooray")) -> Anchors:
    texts = tuple(f"{subject} {words[int(pole) + 1]}" for subject, pole in zip(subjects, poles, strict=True))
    return Anchors("a", "A", "en", ("cold", "plain", "warm"), texts, poles, tuple(subjects))


@pytest.fixture(scope="module")
def X() -> np.ndarray:  # noqa: N802 - scikit-learn's name
    noise = 0.3 * np.random.default_rng(0).normal(size=(len(POLES), 6))
    return POLES[:, None] * np.array([1.0, 0.5, 0, 0, 0, 0]) + noise


@pytest.fixture(scope="module")
def axis(X) -> FramingAxis:
    return FramingAxis(n_bootstrap=2).fit(X, POLES, SUBJECTS)


@pytest.fixture(scope="module")
def texts() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(N, 6)) * 0.4


def card(axis, texts, **more) -> dict[str, dict]:
    given = {"n_resamples": 60, "n_shuffles": 60, "documents": DOCUMENTS, **more}
    found = validity_card(axis, texts, **given)
    check_table("validity", found.select(pl.lit("a").alias("axis"), pl.all()))
    return {row["check"]: row for row in found.to_dicts()}


def test_a_sound_axis_passes_what_its_anchors_can_say(axis, X, texts) -> None:
    found = card(axis, texts, anchors=anchors(), anchor_embeddings=X, lengths=np.arange(N))
    mine = [row for name, row in found.items() if name.startswith("anchors")]
    assert len(mine) == 5 and [row["passed"] for row in mine] == [True, None, True, True, True]
    assert found["labels: none"]["passed"] is None
    again = card(axis, texts, anchors=anchors(), anchor_embeddings=X, lengths=np.arange(N))
    assert again == found
    order = np.random.default_rng(2).permutation(len(X))
    shuffled = anchors(POLES[order], SUBJECTS[order])
    assert card(axis, texts, anchors=shuffled, anchor_embeddings=X[order], lengths=np.arange(N)) == found


def test_what_words_alone_know_of_the_anchors_is_shown(axis, X, texts) -> None:
    name = "anchors: that AUROC by a bag of words"
    found = card(axis, texts, anchors=anchors(), anchor_embeddings=X)[name]
    assert found["value"] == found["low"] == 1 and found["n"] == np.count_nonzero(POLES) and "words" in found["note"]
    assert "words alone do as well here" in found["note"]
    alike = card(axis, texts, anchors=anchors(words=("said", "said", "said")), anchor_embeddings=X)[name]
    assert alike["value"] == 0.5 and "words alone do as well" not in alike["note"]
    nothing = card(
        axis,
        texts,
        anchors=anchors(POLES, ["."] * len(POLES), ("?", "!", ";")),
        anchor_embeddings=X,
    )
    assert nothing[name]["value"] is None


def test_poles_that_are_chance_are_found_out(axis, X, texts) -> None:
    generator = np.random.default_rng(3)
    poles = POLES * np.repeat(generator.choice([-1, 1], size=12), 3)
    found = card(axis, texts, anchors=anchors(poles), anchor_embeddings=X)
    p = found["anchors: p of that AUROC with poles swapped at random"]
    assert p["passed"] is False and "chance" in p["note"]
    assert found["anchors: AUROC of the poles, subjects left out"]["passed"] is False
    few = np.flatnonzero(np.isin(SUBJECTS, ["s00", "s01", "s02"]))
    found = card(axis, texts, anchors=anchors(POLES[few], SUBJECTS[few]), anchor_embeddings=X[few])
    assert found["anchors: p of that AUROC with poles swapped at random"]["passed"] is None


def test_one_subject_that_decides_alone_is_named(axis, X, texts) -> None:
    odd = X.copy()
    odd[SUBJECTS == "s07", 4] = 5.0 * POLES[SUBJECTS == "s07"]
    single = card(axis, texts * [1, 1, 1, 1, 5, 1], anchors=anchors(), anchor_embeddings=odd)[
        "anchors: least agreement of the scores without one subject"
    ]
    assert single["passed"] is False and "without s07" in single["note"]


def test_leaving_out_in_closed_form_is_leaving_out(X) -> None:
    _, subject = np.unique(SUBJECTS, return_inverse=True)
    scores, penalty = LeftOutRidge(X, subject, 12).scores(POLES[:, None].astype(float))
    centred = X - X.mean(axis=0)
    ridge = penalty * np.trace(centred @ centred.T) / len(X)
    for number in (0, 5):
        train = subject != number
        mean, middle = X[train].mean(axis=0), POLES[train].mean()
        inner = X[train] - mean
        w = np.linalg.solve(inner.T @ inner + ridge * np.eye(6), inner.T @ (POLES[train] - middle))
        assert np.allclose(scores[~train, 0], middle + (X[~train] - mean) @ w)


def test_what_the_score_goes_with_fails_its_gate(axis, texts) -> None:
    score = axis.scale_.position(axis._features(texts))
    others = {"valence": -score, "subjectivity": np.random.default_rng(5).normal(size=N), "mood": None}
    found = card(axis, texts, others=others, lengths=score**3)
    valence = found["texts: correlation with valence"]
    assert (valence["value"], valence["passed"]) == (-1.0, False) and "valence" in valence["note"]
    assert found["texts: correlation with subjectivity"]["passed"] is True
    assert found["texts: correlation with length in words"]["passed"] is False
    mood = found["texts: correlation with mood"]
    assert mood["value"] is None and mood["passed"] is None and "mood" in mood["note"]


def test_scores_that_follow_the_theme_are_told_from_chance(axis, texts) -> None:
    score = axis.scale_.position(axis._features(texts))
    by_score = [f"t{rank * 4 // N}" for rank in np.argsort(np.argsort(score))]
    follows = card(axis, texts, themes=by_score)["texts: variance between themes, beyond chance"]
    assert follows["passed"] is False and follows["value"] > 0.6
    at_random = card(axis, texts, themes=[f"t{row % 20}" for row in range(N)])
    chance = at_random["texts: variance between themes, beyond chance"]
    assert chance["passed"] is True and abs(chance["value"]) < 0.2
    assert "by chance 0.3" in chance["note"], "twenty themes of three texts hold a third of any variance"
    alone = card(axis, texts, themes=["t"] * N)["texts: variance between themes, beyond chance"]
    assert alone["value"] is None and "nothing to compare" in alone["note"]


def sample(seed: int, n_documents: int, main: float, effect: float) -> tuple[np.ndarray, list[str], list[str]]:
    """Twelve texts a document, most of them on its main theme; half of what is no effect of themes is of documents."""
    generator = np.random.default_rng(seed)
    own, among = np.arange(n_documents)[:, None] % 5, generator.integers(0, 5, (n_documents, 12))
    theme = np.where(generator.random((n_documents, 12)) < main, own, among).ravel()
    noise = generator.normal(size=(n_documents, 1)) + generator.normal(size=(n_documents, 12))
    themes = np.sqrt(effect) * np.array([-1.4, -0.7, 0.0, 0.7, 1.4])[theme]
    scores = themes + np.sqrt((1 - effect) / 2) * noise.ravel()
    return scores, [f"t{k}" for k in theme], [f"d{row // 12}" for row in range(12 * n_documents)]


def between_themes(scores: np.ndarray, themes: list[str], documents: list[str]) -> tuple[dict, float | None]:
    found = module._Card(documents, 60, 1, 0.95, 0)
    module._check_themes(found, scores, themes)
    row = dict(zip(("check", "value", "low", "high", "n", "gate", "passed", "note"), found.rows[0], strict=True))
    return row, float(row["note"].split(", p ")[1].split(")")[0]) if ", p " in row["note"] else None


def test_documents_that_differ_are_not_taken_for_themes() -> None:
    nothing = [between_themes(*sample(seed, 10, 0.8, 0.0)) for seed in range(30)]
    assert sum(p <= 0.05 for _, p in nothing) <= 5, "1.5 of 30 are expected, and permuted over texts there are 25"
    assert sum(row["passed"] is False for row, _ in nothing) <= 1
    assert abs(np.mean([row["value"] for row, _ in nothing])) < 0.05
    effect = [between_themes(*sample(seed, 10, 0.8, 0.5)) for seed in range(30)]
    assert sum(p <= 0.05 for _, p in effect) >= 27 and sum(row["passed"] is False for row, _ in effect) >= 27
    assert np.mean([row["value"] for row, _ in effect]) == pytest.approx(0.5, abs=0.08)


def test_documents_of_one_theme_each_are_not_judged() -> None:
    row, p = between_themes(*sample(0, 10, 1.0, 0.5))
    assert row["value"] is row["passed"] is row["low"] is p is None and row["gate"] is not None
    assert "theme and document cannot be told apart: 0 of 10 documents have more than one theme" in row["note"]
    scores, themes, documents = sample(0, 10, 1.0, 0.5)
    themes[0] = themes[-1]
    assert "1 of 10 documents" in between_themes(scores, themes, documents)[0]["note"]


def test_chance_within_documents_is_the_mean_over_permutations() -> None:
    scores, themes, documents = sample(1, 8, 0.5, 0.3)
    theme, document = (np.unique(names, return_inverse=True)[1] for names in (themes, documents))
    weights = np.random.default_rng(0).integers(0, 3, size=8).astype(float)[document]
    generator = np.random.default_rng(1)
    for of in (scores, np.array([0.3, -1.0, 2.0, 0.1, 0.4])[theme]):
        drawn = []
        for _ in range(800):
            order = np.lexsort((generator.random(len(theme)), document))
            drawn.append(ThemeVariance(of, theme[order], document).parts(weights)[0])
        chance = ThemeVariance(of, theme, document).parts(weights)[1]
        assert chance == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / np.sqrt(800))
    # Of scores that are an independent draw for each theme, the mean over permutations is 1 - `visible` of the total.
    between = total = 0.0
    for _ in range(800):
        made = ThemeVariance(generator.normal(size=5)[theme], theme, document)
        _, chance, visible = made.parts(np.ones(len(theme)))
        spread = float(made._values @ made._values)
        between, total = between + chance * spread, total + spread
    assert between / total == pytest.approx(1 - visible, abs=0.01)
    one = ThemeVariance(scores, theme, np.zeros(len(theme), dtype=np.int64))
    found = one.parts(np.ones(len(theme)))[0]
    epsilon = 1 - (1 - found) * (len(theme) - 1) / (len(theme) - 5)
    assert one.beyond_chance(np.ones(len(theme))) == pytest.approx(epsilon)


def test_an_interval_of_few_documents_is_as_wide_as_t() -> None:
    values = np.random.default_rng(4).normal(size=8)
    card_of = module._Card([], 4000, 1, 0.95, 0)
    _, low, high, n = card_of.interval(lambda w: float(w @ values / w.sum()), [f"d{k}" for k in range(8)])
    by_t = 2 * student.ppf(0.975, 7) * values.std(ddof=1) / np.sqrt(8)
    assert n == 8 and high - low == pytest.approx(by_t, rel=0.07), "percentiles as they are give .78 of it"


def test_texts_at_the_ends_are_counted(axis, texts) -> None:
    assert card(axis, texts * 20)["texts: share at an end of the scale"]["passed"] is False
    assert card(axis, texts * 0.01)["texts: share at an end of the scale"]["value"] == 0


def test_one_document_has_no_interval_and_few_are_warned_of(axis, texts) -> None:
    one = card(axis, texts, documents=["d"] * N, lengths=np.arange(N))["texts: correlation with length in words"]
    assert one["value"] is not None and one["low"] is None
    few = card(axis, texts, documents=[f"d{row % 3}" for row in range(N)], lengths=np.arange(N))
    assert "3 documents, so the interval is too narrow" in few["texts: correlation with length in words"]["note"]
    for n, note in ((19, "19 documents, so the interval may be too narrow"), (20, None)):
        found = card(axis, texts, documents=[f"d{row % n}" for row in range(N)], lengths=np.arange(N) % 7)
        assert found["texts: correlation with length in words"]["note"] == note


def test_labels_are_judged_out_of_fold_and_within_themes(axis, texts) -> None:
    score = axis.scale_.position(axis._features(texts))
    y = np.sign(score) * (np.abs(score) > 0.2)
    rows = np.arange(N)
    follows = card(axis, texts, labels=CodedTexts(rows, y, 0.8, 2))
    assert follows["labels: Spearman"]["passed"] and follows["labels: agreement of the coders (alpha)"]["passed"]
    assert "labels: none" not in follows
    noise = np.random.default_rng(7).normal(size=N)
    blind = card(axis, texts, labels=CodedTexts(rows, y, 0.5, 2, out_of_fold=noise))
    assert blind["labels: agreement of the coders (alpha)"]["passed"] is False
    assert blind["labels: Spearman"]["passed"] is False
    single = card(axis, texts, labels=CodedTexts(rows, y, None, 1))["labels: agreement of the coders (alpha)"]
    assert single["passed"] is None and "not known" in single["note"]
    themes = [f"t{row % 2}" for row in range(N)]
    by_theme = np.array([1.0 if theme == "t1" else -1.0 for theme in themes])
    by_theme[:10] *= -1
    guesses = np.where(np.array(themes) == "t1", 1.0, -1.0) + 0.01 * noise
    lost = card(axis, texts, themes=themes, labels=CodedTexts(rows, by_theme, 0.8, 2, out_of_fold=guesses))
    assert lost["labels: AUROC of the positive pole against the rest"]["passed"] is True
    assert lost["labels: AUROC lost within themes"]["passed"] is False
    same = ["d"] * N
    apart = card(axis, texts, documents=same, labels=CodedTexts(rows, y, 0.8, 2, out_of_fold=score))
    assert apart["labels: Spearman"]["value"] is None and "one document" in apart["labels: Spearman"]["note"]


def test_what_ships_is_shown_as_such(X, texts) -> None:
    axis = FramingAxis(n_bootstrap=2).fit(X, POLES, SUBJECTS)
    axis.facts_ = {
        "alpha": 0.6,
        "n_texts": 50,
        "coders": "two people",
        "out_of_fold": {"Spearman": 0.3, "AUROC x": 0.8},
    }
    found = card(axis, texts)
    assert found["shipped labels: agreement of the coders (alpha)"]["passed"] is False
    assert found["shipped labels: Spearman"]["passed"] is False and found["shipped labels: AUROC x"]["passed"] is True


def test_a_weight_counts_like_equal_rows() -> None:
    generator = np.random.default_rng(8)
    a, b = generator.integers(0, 6, size=(2, 40)).astype(float)
    weights = generator.integers(0, 4, size=40).astype(float)
    rows = np.repeat(np.arange(40), weights.astype(int))
    assert ranks.spearman(a, b)(weights) == pytest.approx(spearmanr(a[rows], b[rows])[0])
    assert ranks.auroc(a, b > 2)(weights) == pytest.approx(roc_auc_score(b[rows] > 2, a[rows]))
    theme = generator.integers(0, 3, size=40)
    repeated = ThemeVariance(a[rows], theme[rows], np.arange(len(rows))).parts(np.ones(len(rows)))
    assert ThemeVariance(a, theme, np.arange(40)).parts(weights)[0] == pytest.approx(repeated[0])


@pytest.mark.parametrize("wrong", [{"n_resamples": 0}, {"n_shuffles": 0}, {"confidence": 0.0}, {"confidence": 1.5}])
def test_bounds_of_the_card_are_checked(axis, texts, wrong) -> None:
    with pytest.raises(InputError, match=f"`{next(iter(wrong))}` is"):
        validity_card(axis, texts, [str(row) for row in range(len(texts))], **wrong)


def test_lengths_must_agree(axis, X, texts) -> None:
    with pytest.raises(InputError, match="60 texts and 59 of `themes`"):
        card(axis, texts, themes=["t"] * 59)
    with pytest.raises(InputError, match="36 anchors and 35 embeddings"):
        card(axis, texts, anchors=anchors(), anchor_embeddings=X[1:])
