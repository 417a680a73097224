from __future__ import annotations

import numpy as np

from research.themes import class_keywords


def test_weights_are_the_papers_formula() -> None:
    groups = [["reactor reactor oil"], ["oil bank"]]
    found = [dict(keywords) for keywords in class_keywords(groups)]
    average = 5 / 2
    assert np.isclose(found[0]["reactor"], 2 / 3 * np.log(1 + average / 2))
    assert np.isclose(found[0]["oil"], 1 / 3 * np.log(1 + average / 2))
    assert np.isclose(found[1]["bank"], 1 / 2 * np.log(1 + average / 1))


def test_pairs_plurals_and_stop_words() -> None:
    groups = [
        ["The nuclear power of the reactors.", "Nuclear power and a reactor.", "India’s reactors."],
        ["The bank and its countries.", "A country has 3 banks."],
    ]
    found = class_keywords(groups)
    words = [[word for word, _ in keywords] for keywords in found]
    assert words[0][:2] == ["reactors", "nuclear power"]
    assert "nuclear" not in words[0] and "reactor" not in words[0] and "the" not in words[0] and "india" in words[0]
    assert len([word for word in words[1] if word.startswith("countr")]) == 1 and "3" not in words[1]


def test_order_of_texts_does_not_matter() -> None:
    texts = ["alpha beta gamma", "beta gamma delta", "delta alpha", "gamma beta"]
    assert class_keywords([texts, ["eta theta"]]) == class_keywords([texts[::-1], ["eta theta"]])


def test_nothing_to_say() -> None:
    assert class_keywords([["the of and"], []]) == [[], []]
