from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import InputError
from research.themes._naming import ThemeSummary, call_namer, keyword_labels, theme_slug, usual_case

THEMES = [ThemeSummary("d1", ("oil", "gas"), ("Oil fell.",), 7), ThemeSummary("d2", ("bank",), (), 3)]


def test_a_function_names_themes() -> None:
    seen: list[ThemeSummary] = []

    def namer(theme: ThemeSummary) -> str:
        seen.append(theme)
        return f" {theme.keywords[0].title()}\n of {theme.n_paragraphs} "

    assert call_namer(namer, THEMES) == ["Oil of 7", "Bank of 3"] and seen == THEMES
    with pytest.raises(dataclasses.FrozenInstanceError):
        seen[0].theme = "x"  # type: ignore[misc]


@pytest.mark.parametrize("returned", [None, 3, b"oil", ["oil"], "", "  ", "--", float("nan")])
def test_what_is_no_label_is_refused_by_name(returned: object) -> None:
    with pytest.raises(InputError, match=r"theme d1") as error:
        call_namer(lambda theme: returned, THEMES)  # type: ignore[arg-type,return-value]
    assert repr(returned) in str(error.value) and "\n" not in str(error.value)


def test_labels_are_unique() -> None:
    with pytest.raises(InputError, match="'OIL' for theme d2, as for theme d1; return a different label"):
        call_namer(lambda theme: "Oil" if theme.theme == "d1" else "OIL", THEMES)
    with pytest.raises(InputError, match="theme d1, as for another theme"):
        call_namer(lambda theme: "Energy", THEMES, taken=["energy"])


def test_an_error_of_the_function_is_its_own_and_no_function_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        call_namer(lambda theme: str(1 / 0), THEMES)
    with pytest.raises(InputError, match="must be a function"):
        call_namer("oil", THEMES)  # type: ignore[arg-type]


def test_labels_do_not_repeat_words() -> None:
    assert keyword_labels([["crude oil", "oil", "oil price", "refineries"]]) == ["Crude oil, refineries"]
    assert keyword_labels([["syria", "syrian", "iran", "war", "peace"]]) == ["Syria, iran, war"]
    assert keyword_labels([["oil"], []]) == ["Oil", ""]


def test_labels_differ_as_long_as_there_are_keywords_and_then_by_number() -> None:
    labels = keyword_labels([["oil", "gas", "fuel", "coal"], ["oil", "gas", "fuel", "wind"], ["oil"], ["oil"]])
    assert labels == ["Oil, gas, fuel", "Oil, gas, fuel, wind", "Oil", "Oil (2)"]
    assert keyword_labels([["oil"]], taken=["OIL"]) == ["Oil (2)"]


def test_a_word_with_capitals_of_its_own_keeps_them() -> None:
    assert keyword_labels([["iphone", "apple"]], {"iphone": "iPhone", "apple": "Apple"}) == ["iPhone, Apple"]


def test_case_is_the_commonest_where_no_sentence_begins() -> None:
    texts = [
        "Oil and the White House. Oil, said Putin.",
        "“White paint”: the U.S. oil, white walls. NATO",
        "a white sheet",
    ]
    found = usual_case(["oil", "white house", "white", "putin", "u.s", "nato", "paint", "absent"], texts)
    assert found == {
        "oil": "oil",
        "white house": "White House",
        "white": "white",
        "putin": "Putin",
        "u.s": "U.S.",
        "nato": "NATO",
        "paint": "paint",
        "absent": "absent",
    }
    assert usual_case(["oil"], ["Oil fell."]) == {"oil": "oil"}
    assert usual_case(["eu", "oil"], texts[::-1])["oil"] == "oil"


def test_equally_common_ways_have_few_capitals() -> None:
    assert usual_case(["law"], ["the law of the Law", "a LAW"]) == {"law": "law"}


def test_slugs() -> None:
    assert theme_slug(1, "Crude oil, refineries") == "d1_crude_oil_refineries"
    assert theme_slug(4, "U.S. people's “S-400”") == "d4_u_s_peoples_s_400"
    assert theme_slug(2, "") == "d2" and theme_slug(2, "中国") == "d2"
    assert theme_slug(1, "oil", taken=["d1_oil"]) == "d1_oil_discovered"
    assert len(theme_slug(1, "word " * 40)) < 70


@given(st.integers(1, 999), st.text())
def test_slugs_are_plain(number: int, label: str) -> None:
    assert re.fullmatch(rf"d{number}(_[a-z0-9]+)*", theme_slug(number, label))
