from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from research.errors import InputError
from research.themes import (
    IntrusionScore,
    paragraph_intruder_test,
    paragraph_intrusion,
    score_intruders,
    word_intruder_test,
    word_intrusion,
)
from research.themes._intrusion_score import score_answers

KEYWORDS = [
    ["oil", "gas", "fuel", "crude", "barrel", "reactor"],
    ["goal", "match", "coach", "league", "keeper", "season"],
    ["nurse", "ward", "virus", "doctor", "clinic", "gas"],
]


def clustered(n: int = 300, themes: int = 6, spread: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % themes
    return rng.normal(size=(themes, 32))[labels] + spread * rng.normal(size=(n, 32)), labels


def tables(test: Any) -> tuple[str, str]:
    return test.sheet.write_csv(), test.key.write_csv()


def test_separate_themes_are_told_apart_and_random_ones_at_chance() -> None:
    X, labels = clustered()
    perfect = paragraph_intrusion(X, labels)
    assert perfect.share > 0.99 and perfect.n == 120 and perfect.chance == 0.2
    assert perfect.low <= perfect.share <= perfect.high
    shuffled = np.random.default_rng(1).permutation(labels)
    chance = paragraph_intrusion(X, shuffled, n_per_theme=200)
    assert chance.low < 0.2 < chance.high and chance.high - chance.low < 0.07


def test_equal_vectors_are_guessed_at_chance() -> None:
    # Directions a hair apart: distinct paragraphs, the same cosines.
    X = np.ones((400, 8)) + 1e-12 * np.arange(400)[:, None]
    found = paragraph_intrusion(X, np.arange(400) % 4, n_members=3, n_per_theme=300)
    assert found.low < 0.25 < found.high


def test_the_order_of_the_paragraphs_does_not_matter() -> None:
    X, labels = clustered(spread=1.5)
    order = np.random.default_rng(3).permutation(len(X))
    here, there = paragraph_intrusion(X, labels), paragraph_intrusion(X[order], labels[order])
    assert here.share == there.share < 1 and here.per_theme.equals(there.per_theme)
    assert not here.per_theme.equals(paragraph_intrusion(X, labels, random_state=1).per_theme)
    texts = [f"paragraph {k}" for k in range(len(X))]
    same = [
        tables(paragraph_intruder_test([texts[k] for k in rows], labels[rows], n_per_theme=5))
        for rows in (np.arange(len(X)), order)
    ]
    assert same[0] == same[1]


def test_length_and_type_of_vectors_do_not_matter() -> None:
    X, labels = clustered(spread=0.4)
    X = X.astype(np.float32)
    assert paragraph_intrusion(X, labels).share == paragraph_intrusion(2 * X.astype(np.float64), labels).share


def test_a_sheet_of_paragraphs_holds_what_its_key_says() -> None:
    labels = [k % 5 - 1 for k in range(60)]
    texts = [f"text {k}" for k in range(60)]
    theme_of = dict(zip(texts, map(str, labels), strict=True))
    test = paragraph_intruder_test(texts, labels, n_members=3, n_per_theme=4)
    assert test.sheet.columns == ["question", "item_1", "item_2", "item_3", "item_4", "answer"]
    assert test.sheet.height == test.key.height == 16 and test.left_out == ()
    for shown, key in zip(test.sheet.iter_rows(), test.key.iter_rows(named=True), strict=True):
        items = [theme_of[text] for text in shown[1:-1]]
        assert items.pop(key["answer"] - 1) == key["intruder_theme"] != key["theme"]
        assert items == [key["theme"]] * 3 and len(set(shown[1:-1])) == 4
        assert "-1" not in items and key["intruder_theme"] != "-1"
    assert len(set(test.key["answer"])) > 1
    assert test.key["theme"].to_list() != sorted(test.key["theme"].to_list())


def test_copies_are_shown_once_and_never_as_intruders() -> None:
    texts = ["a", "a", "b", "c", "both", "both", "x", "y", "z"]
    labels = [0, 0, 0, 0, 0, 1, 1, 1, 1]
    test = paragraph_intruder_test(texts, labels, n_members=3, n_per_theme=10)
    for row in test.sheet.iter_rows():
        assert "both" not in row and len(set(row[1:-1])) == 4
    X = np.array([[1, 0], [1, 0], [1, 0.1], [0, 1], [0, 1], [0.1, 1]])
    with pytest.raises(InputError, match="3 distinct members"):
        paragraph_intrusion(X, [0, 0, 0, 1, 1, 1], n_members=3)


def test_a_sheet_of_words_holds_what_its_key_says() -> None:
    test = word_intruder_test(KEYWORDS, n_words=4, n_per_theme=20)
    for shown, key in zip(test.sheet.iter_rows(), test.key.iter_rows(named=True), strict=True):
        items = list(shown[1:-1])
        intruder = items.pop(key["answer"] - 1)
        assert sorted(items) == sorted(KEYWORDS[int(key["theme"])][:4])
        assert intruder in KEYWORDS[int(key["intruder_theme"])][:4]
        assert intruder not in KEYWORDS[int(key["theme"])]
    assert tables(test) == tables(word_intruder_test(KEYWORDS, n_words=4, n_per_theme=20))
    assert tables(test) != tables(word_intruder_test(KEYWORDS, n_words=4, n_per_theme=20, random_state=1))


def test_words_are_told_apart_by_vectors_and_by_texts() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(3, 16))
    lists = [[f"{name}{k}" for k in range(6)] for name in "abc"]
    near = {word: centres[k] + 0.1 * rng.normal(size=16) for k, words in enumerate(lists) for word in words}
    assert word_intrusion(lists, vectors=near).share == 1
    texts = [[str(word) for word in rng.permutation(lists[k % 3])] for k in range(60)]
    assert word_intrusion(lists, texts=texts).share == 1
    every = [word for words in lists for word in words]
    mixed = [[f"r{k}" for k in range(6 * theme, 6 * theme + 6)] for theme in range(400)]
    nowhere = {word: rng.normal(size=64) for words in mixed for word in words}
    chance = word_intrusion(mixed, vectors=nowhere, n_per_theme=1)
    assert chance.n == chance.n_effective == 400 and chance.low < chance.chance == 1 / 6 < chance.high
    noise = [rng.choice(every, 8).tolist() for _ in range(3000)]
    assert word_intrusion(lists, texts=noise, n_per_theme=100).share < 0.6


def test_a_filled_in_sheet_is_scored() -> None:
    test = word_intruder_test(KEYWORDS, n_words=4, n_per_theme=2)
    answers = test.key["answer"].to_list()
    answers[0] = answers[0] % 5 + 1
    answers[1] = None
    filled = test.sheet.with_columns(answer=pl.Series(answers, dtype=pl.Int64))
    found = score_intruders(filled, test.key)
    assert (found.n, found.n_blank, found.share) == (6, 1, 4 / 6) and found.chance == pytest.approx(0.2)
    assert found.per_theme["n_right"].sum() == 4 and found.per_theme["theme"].to_list() == ["0", "1", "2"]
    back, key = (pl.read_csv(io.StringIO(table.write_csv())) for table in (filled.reverse(), test.key))
    assert_same(found, score_intruders(back, key))
    as_text = filled.with_columns(pl.col("answer").cast(pl.Float64).cast(pl.String))
    assert_same(found, score_intruders(as_text, key))


def assert_same(a: IntrusionScore, b: IntrusionScore) -> None:
    assert (a.share, a.low, a.high, a.n_blank) == (b.share, b.low, b.high, b.n_blank)
    assert a.per_theme.equals(b.per_theme)


@pytest.mark.parametrize("answer", ["7", "0", "1.5", "the first"])
def test_an_answer_that_is_no_item_is_refused(answer: str) -> None:
    test = word_intruder_test(KEYWORDS)
    filled = test.sheet.with_columns(answer=pl.lit(answer))
    with pytest.raises(InputError, match=r"question 1 is answered .* from 1 to 6"):
        score_intruders(filled, test.key)


def test_a_sheet_of_another_test_is_refused() -> None:
    test = word_intruder_test(KEYWORDS)
    with pytest.raises(InputError, match="each question of the key once"):
        score_intruders(test.sheet.head(2), test.key)
    with pytest.raises(InputError, match="each question of the key once"):
        score_intruders(pl.concat([test.sheet, test.sheet.head(1)]), test.key)
    with pytest.raises(InputError, match="no column answer"):
        score_intruders(test.sheet.drop("answer"), test.key)


def test_the_interval_is_wilsons() -> None:
    X, labels = clustered(spread=1.5)
    found = paragraph_intrusion(X, labels, n_per_theme=1)
    assert found.n_effective == found.n == 6
    interval = stats.binomtest(round(found.share * 6), 6).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.per_theme["n_right"].sum() == round(found.share * 6)
    for share, one in ((1.0, [0]), (0.0, [])):
        answers = pl.DataFrame({"question": [1], "answer": [1 if one else None]}, schema_overrides={"answer": pl.Int64})
        key = pl.DataFrame({"question": [1], "theme": ["a"], "answer": [1], "n_items": [6]})
        extreme = score_intruders(answers, key)
        assert 0 <= extreme.low <= extreme.share == share <= extreme.high <= 1


def test_questions_of_one_theme_do_not_count_as_many() -> None:
    key = pl.DataFrame(
        {"question": range(1, 41), "theme": [f"t{k % 4}" for k in range(40)], "answer": [1] * 40, "n_items": [6] * 40}
    )

    def answered(right: list[bool]) -> IntrusionScore:
        return score_intruders(key.select("question", answer=pl.Series([1 if each else 2 for each in right])), key)

    alike = answered([k % 4 < 2 for k in range(40)])  # two themes always told apart, two never: four questions' worth
    apart = answered([k < 20 for k in range(40)])  # half of each theme's
    assert alike.share == apart.share == 0.5
    assert alike.n_effective == pytest.approx(4) and apart.n_effective == 40
    factor = (1.96 / stats.t.ppf(0.975, 3)) ** 2
    for found, m in ((alike, 4 * factor), (apart, 40 * factor)):
        interval = stats.norm.ppf(0.975) * np.sqrt(0.25 / m + 0.25 * 3.8415 / m**2) / (1 + 3.8415 / m)
        assert (found.high - found.low) / 2 == pytest.approx(interval, rel=1e-3)


def test_answers_that_are_all_right_count_by_theme() -> None:
    for answer, share in ((1, 1.0), (2, 0.0)):
        key = pl.DataFrame({"question": range(1, 41), "theme": [f"t{k % 4}" for k in range(40)], "answer": [1] * 40})
        found = score_intruders(key.select("question", answer=pl.lit(answer)), key.with_columns(n_items=6))
        assert (found.share, found.n_effective) == (share, 4)
        interval = stats.binomtest(round(4 * share), 4).proportion_ci(method="wilson")
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_few_themes_make_the_interval_wide_enough() -> None:
    rng = np.random.default_rng(0)
    for n_themes in (5, 10):
        held = 0
        for _ in range(300):
            shares = rng.beta(0.8 * 7 / 3, 0.2 * 7 / 3, size=n_themes)  # mean .8, intraclass correlation .3
            right = rng.random((n_themes, 5)) < shares[:, None]
            themes = np.repeat(np.arange(n_themes), 5).astype(str).tolist()
            found = score_answers(right.ravel(), themes, 0.2, 0, ())
            held += found.low <= 0.8 <= found.high
        assert held >= 0.935 * 300, (n_themes, held)  # without the factor .85 and .92


def test_the_interval_holds_chance_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        lists = [[f"r{k}" for k in range(5 * theme, 5 * theme + 5)] for theme in range(40)]
        vectors = {word: rng.normal(size=16) for words in lists for word in words}
        found = word_intrusion(lists, vectors=vectors, n_per_theme=10, random_state=seed)
        held += found.low <= found.chance <= found.high
    assert held >= 51, held  # 95% of 60 is 57


def test_small_themes_are_left_out_and_named() -> None:
    X, labels = clustered(60, 3)
    labels = np.where(np.arange(60) < 57, labels, 9)
    found = paragraph_intrusion(X, labels, n_members=4)
    assert found.left_out == ("9",) and found.per_theme["theme"].to_list() == ["0", "1", "2"]
    assert word_intruder_test([*KEYWORDS, ["one", "two"]]).left_out == ("3",)


def test_misfits_are_refused() -> None:
    X, labels = clustered(30, 3)
    vectors = {word: np.ones(2) for words in KEYWORDS for word in words if word != "goal"}
    for call, message in (
        (lambda: paragraph_intrusion(X, labels[1:]), "30 rows and 29 labels"),
        (lambda: paragraph_intrusion(X[0], labels), "matrix of finite numbers"),
        (lambda: paragraph_intrusion(X * np.nan, labels), "matrix of finite numbers"),
        (lambda: paragraph_intrusion(X, np.zeros(30)), "none of 1 themes"),
        (lambda: paragraph_intrusion(X, np.full(30, -1)), "none of 0 themes"),
        (lambda: paragraph_intrusion(X, labels, n_members=1), "n_members is 1"),
        (lambda: paragraph_intrusion(X, labels, n_per_theme=0), "n_per_theme is 0"),
        (lambda: paragraph_intruder_test(["a"], []), "1 paragraphs and 0 labels"),
        (lambda: word_intruder_test(["ab", "cd"]), "one string"),
        (lambda: word_intruder_test([["a", "b"], ["a", "b"]], n_words=2), "none of 2 themes"),
        (lambda: word_intrusion(KEYWORDS), "exactly one"),
        (lambda: word_intrusion(KEYWORDS, vectors=vectors), r"have no vector \('goal'\)"),
        (lambda: word_intrusion(KEYWORDS, texts=[["oil", "gas"]]), "occur in no text"),
    ):
        with pytest.raises(InputError, match=message):
            call()
