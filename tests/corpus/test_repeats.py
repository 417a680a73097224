"""Exact search for repeats against comparing every pair."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from research.corpus._repeats import MIN_SIMILARITY, MIN_WORDS, _signature, _tokens, first_printings
from research.corpus._text import match_key

BASE = [f"word{chr(97 + i)}" for i in range(24)]


@st.composite
def _variants(draw: st.DrawFn) -> str:
    words = list(BASE[: draw(st.integers(8, 24))])
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.sampled_from([*BASE, "new", "other", "not", "7"]))
    return " ".join(draw(st.permutations(words)) if draw(st.booleans()) else words)


def _by_brute_force(texts: list[str]) -> list[int]:
    found: list[int] = []
    tokens = [_tokens(match_key(text)) for text in texts]
    for i, own in enumerate(tokens):
        answer = i
        for k in range(i):
            if match_key(texts[k]) == match_key(texts[i]):
                answer = found[k]
                break
        else:
            for k in range(i):
                a, b = set(own), set(tokens[k])
                near = min(len(a), len(b)) >= MIN_WORDS and _signature(own) == _signature(tokens[k])
                if found[k] == k and near and len(a & b) >= MIN_SIMILARITY * len(a | b):
                    answer = k
                    break
        found.append(answer)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(_variants(), max_size=12))
def test_search_is_exact(texts: list[str]) -> None:
    assert first_printings(texts) == _by_brute_force(texts)


def test_numbers_and_negations_must_agree() -> None:
    text = (
        "The court said on Monday that it will hear the case of the old bridge in the spring of 2025 with three judges"
    )
    for other in (text.replace("2025", "2026"), text.replace("three", "four"), text.replace("will", "will not")):
        assert first_printings([text, other]) == [0, 1]
    assert first_printings([text, text.replace("Monday", "Tuesday")]) == [0, 0]
    assert first_printings(["It ended.", "It started."]) == [0, 1]
