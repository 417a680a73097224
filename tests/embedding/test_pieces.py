from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from research.embedding._pieces import split_text


def count(texts: list[str]) -> list[int]:
    """Two marks and a token for every three letters of a word, as a subword tokenizer would."""
    return [2 + sum(-(-len(word) // 3) for word in text.split()) for text in texts]


@given(
    st.lists(st.lists(st.text("ab", min_size=1, max_size=30), min_size=1, max_size=12), min_size=1, max_size=6),
    st.integers(4, 20),
)
def test_pieces_fit_and_lose_nothing(sentences: list[list[str]], limit: int) -> None:
    parts = [" ".join(words) + "." for words in sentences]
    text = "  ".join(parts)
    offsets, at = [], 0
    for part in parts:
        offsets.append((at, at + len(part)))
        at += len(part) + 2
    pieces = split_text(text, offsets, limit, count)
    assert all(n <= limit for n in count([text[a:b] for a, b in pieces]))
    covered = [i for a, b in pieces for i in range(a, b)]
    assert covered == sorted(set(covered))
    assert {i for i, c in enumerate(text) if not c.isspace()} <= set(covered)


def test_cuts_fall_at_sentence_ends_where_they_can() -> None:
    text = "aa bb cc. dd ee. ff gg hh ii jj kk."
    pieces = split_text(text, [(0, 9), (10, 16), (17, 35)], 8, count)
    assert [text[a:b] for a, b in pieces] == ["aa bb cc. dd ee.", "ff gg hh ii jj kk."]
