from __future__ import annotations

import pytest

from research.themes._inflections import base_form


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("refineries", "refinery"),
        ("movies", "movie"),
        ("taxes", "tax"),
        ("horses", "horse"),
        ("elected", "elect"),
        ("charged", "charge"),
        ("carried", "carry"),
        ("banned", "ban"),
        ("visited", "visit"),
    ],
)
def test_regular_forms(word: str, base: str) -> None:
    assert base_form(word, {base}) == base
    assert base_form(word, set()) == word  # the texts have no such base


@pytest.mark.parametrize(
    ("word", "looks_like"),
    [
        ("news", "new"),
        ("united", "unit"),
        ("planes", "plan"),
        ("cared", "car"),
        ("rated", "rat"),
        ("politics", "politic"),
        ("business", "busines"),
        ("virus", "viru"),
        ("crisis", "crisi"),
        ("housing", "house"),
        ("hamas", "hama"),
        ("need", "ne"),
        ("gas", "ga"),
    ],
)
def test_other_words_stay(word: str, looks_like: str) -> None:
    assert base_form(word, {looks_like}) == word


def test_the_longer_base_wins() -> None:
    assert base_form("cared", {"car", "care"}) == "care" and base_form("hoped", {"hop", "hope"}) == "hope"
