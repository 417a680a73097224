from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.errors import InputError
from research.themes import class_keywords

NEWS = [
    ["The White House and a bill.", "A White House aide.", "The White House bill", "A house burns, oil falls."],
    ["Oil prices fell.", "The oil refinery burns", "Two refineries, one oil price", "A white barrel of oil"],
    ["The bank lends to the bill.", "Central banks lend."],
]


def _words(groups: list[list[str]], **options: int) -> list[list[str]]:
    return [[word for word, _ in found] for found in class_keywords(groups, **options)]


def test_weights_are_the_divergence_of_the_shares_of_paragraphs() -> None:
    groups = [["oil oil oil reactor", "reactor", "reactor bank"], ["oil bank", "bank"]]
    found = [dict(keywords) for keywords in class_keywords(groups, max_words=1)]

    def weight(s: float, o: float) -> float:
        m = (s + o) / 2
        return s * np.log(s / m) + (o * np.log(o / m) if o else 0.0)

    assert np.isclose(found[0]["reactor"], weight(1.0, 0.0)) and np.isclose(found[0]["reactor"], np.log(2))
    assert np.isclose(found[1]["bank"], weight(1.0, 1 / 3))
    assert np.isclose(found[1]["oil"], weight(1 / 2, 1 / 3))
    assert "oil" not in found[0] and "bank" not in found[0]  # the other group has them more


def test_weights_fall_and_lie_between_0_and_log_2() -> None:
    for found in class_keywords(NEWS, max_words=3):
        weights = [weight for _, weight in found]
        assert weights == sorted(weights, reverse=True) and all(0 < weight <= np.log(2) + 1e-9 for weight in weights)


def test_the_repeats_of_a_word_or_a_paragraph_do_not_count() -> None:
    assert class_keywords([["oil oil gas", "oil gas", "oil gas"], ["bank"]], max_words=1) == class_keywords(
        [["oil gas", "oil oil gas"], ["bank"]], max_words=1
    )


def test_a_word_gives_way_to_its_phrase() -> None:
    words = _words(NEWS)
    assert "white house" in words[0]
    assert "house" in words[0] or "white" not in words[0]
    assert "white" not in words[0]
    assert all("oil price" not in found for found in _words(NEWS, max_words=1))


def test_a_phrase_needs_two_paragraphs_and_no_sign_or_other_word_between() -> None:
    other = [["bank", "bank"]]
    assert "nuclear power" in _words([["Nuclear power.", "the nuclear power"], *other])[0]
    assert "nuclear power" not in _words([["Nuclear power, nuclear power.", "power"], *other])[0]
    assert "nuclear power" not in _words([["Nuclear, power.", "Nuclear. Power", "nuclear (power)"], *other])[0]
    assert "nuclear power" not in _words([["nuclear the power", "nuclear the power"], *other])[0]


def test_phrases_of_three_words() -> None:
    groups = [["The Bank of England", "a Bank of England note"], ["New York Times", "the New York Times"]]
    assert _words(groups, max_words=3)[0] == ["bank of england", "note"]
    assert _words(groups, max_words=3)[1] == ["new york times"]
    assert {"bank", "england"} <= set(_words(groups)[0]) and not any("of" in word.split() for word in _words(groups)[0])


def test_no_keyword_repeats_the_words_of_those_before() -> None:
    for found in _words(NEWS, max_words=3):
        said: set[str] = set()
        for word in found:
            assert not set(word.split()) <= said
            said |= set(word.split())


def test_inflections_count_together_and_the_commonest_form_is_shown() -> None:
    groups = [
        ["The nuclear power of the reactors.", "Nuclear power and a reactor.", "India’s reactors."],
        ["The bank and its countries.", "A country has 3 banks. The United States", "united states, a state, a state"],
    ]
    words = _words(groups)
    assert words[0] == ["reactors", "nuclear power", "india"]
    assert len([word for word in words[1] if word.startswith("countr")]) == 1 and "3" not in words[1]
    assert "united states" in words[1]  # though the state alone is as common


def test_a_theme_gives_up_a_word_that_says_another_far_more() -> None:
    groups = [[f"oil a{k}" for k in range(10)], ["oil bank"] * 1 + [f"bank b{k}" for k in range(9)], ["law", "court"]]
    words = _words(groups, max_words=1)
    assert words[0][0] == "oil" and "oil" not in words[1] and words[1][0] == "bank"


def test_order_of_texts_and_of_groups_does_not_matter() -> None:
    found = class_keywords(NEWS, max_words=3)
    turned = class_keywords([group[::-1] for group in NEWS[::-1]], max_words=3)
    assert turned[::-1] == found


def test_nothing_to_say() -> None:
    assert class_keywords([["the of and"], []]) == [[], []]
    assert class_keywords([]) == [] and class_keywords([[""], ["12 5.5"]], max_words=3) == [[], []]
    assert class_keywords([["oil gas"], ["oil gas"]]) == [[], []]


def test_a_single_group_has_its_commonest_words() -> None:
    assert _words([["oil gas", "oil bank", "gas oil"]], n_keywords=2, max_words=1) == [["oil", "gas"]]


def test_other_scripts() -> None:
    words = _words([["हिन्दी की खबरें", "हिन्दी"], ["中国政府说", "中国政府说。经济"]])
    assert words[0][0] == "हिन्दी" and words[1][0] == "中国政府说"
    assert class_keywords([["trens trem"], ["x"]], language="pt")[0][0][0] == "trem"  # nothing merged


@pytest.mark.parametrize("options", [{"n_keywords": 0}, {"n_keywords": True}, {"max_words": 4}, {"max_words": 1.5}])
def test_bounds(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must be a whole number"):
        class_keywords([["oil"]], **options)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=20), max_size=4), max_size=4), st.sampled_from(["en", "hi"]), st.integers(1, 3)
)
def test_any_text(groups: list[list[str]], language: str, max_words: int) -> None:
    found = class_keywords(groups, language, 5, max_words)
    assert len(found) == len(groups)
    for keywords in found:
        assert len({word for word, _ in keywords}) == len(keywords) <= 5
        assert all(len(word.split()) <= max_words and np.isfinite(weight) for word, weight in keywords)


def test_what_only_one_of_several_texts_says_gives_way_to_what_they_share() -> None:
    theme = ["Coal and oil and gas fell.", "Oil and gas rose in April.", "Oil, gas, pipelines: a boom."]
    other = ["A dance was shown.", "The dance ended."]
    [(words, rest)] = [([word for word, _ in found] for found in class_keywords([theme, other]))]
    assert words[:2] == ["gas", "oil"] and len(words) == 3  # two are shared: no more than the heaviest three
    assert rest[0] == "dance"
    shared = [f"{text} Prices moved." for text in theme]
    assert {word for word, _ in class_keywords([shared, other])[0]} <= {"gas", "oil", "prices", "moved", "prices moved"}
    alone = class_keywords([theme[:1], other])[0]
    assert {word for word, _ in alone} == {"coal", "fell", "gas", "oil"}  # a single text says all it says
