"""Splitting into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus import split_sentences, stop_words

PIECES = [
    "U.S.",
    "Gov.",
    "a.m.",
    "No.",
    "7",
    "4.5",
    "J.",
    "The",
    "he",
    "said",
    ".",
    "?",
    "!”",
    "“We",
    ")",
    "…",
    "。",
    "\n\n",
    "Ok.",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)), st.sampled_from(["en", "zh", "xx"]))
def test_offsets_cover_all_that_is_not_space(text: str, language: str) -> None:
    spans = split_sentences(text, language)
    covered: set[int] = set()
    last = 0
    for start, end in spans:
        assert last <= start < end
        assert text[start:end] == text[start:end].strip()
        covered.update(range(start, end))
        last = end
    assert all(i in covered for i, character in enumerate(text) if not character.isspace())


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Lee met Gov. J. B. Smith and Sen. Ann Roe on Dec. 6.", "They talked."],
        ["It grew 4.5% in the U.S. economy's best year.", "Growth in the U.S. The E.U. did worse."],
        ["“We agreed,” he said.", "“It is done.”", "(That was late.)", "Then he left."],
        ["“Why?” she asked.", "“Why not!” he said.", "Nobody knew."],
        ["See No. 10 and p. 4.", "No.", "He would not."],
        ["The talks began at 5 p.m. Monday and ended at 11 p.m.", "They had failed."],
        ["He waited ... and waited.", "Nothing came…", "So he went."],
        ["Rep. Jo Doe, D-Calif., said so.", "Acme Inc. shares fell.", "It was I.", "We know."],
    ],
)
def test_english(sentences: list[str]) -> None:
    if "Growth in the U.S. The E.U. did worse." in sentences:
        sentences = [sentences[0], "Growth in the U.S.", "The E.U. did worse."]
    text = " ".join(sentences)
    assert [text[a:b] for a, b in split_sentences(text, "en")] == sentences


@pytest.mark.parametrize(
    ("text", "language", "n"),
    [
        ("会谈开始了。双方同意。", "zh", 2),
        ("क्या हुआ? कुछ नहीं। बस।", "hi", 3),
        ("هل بدأ؟ نعم.", "ar", 2),
        ("Es war gut. Dann nicht.", "de", 2),
    ],
)
def test_other_languages(text: str, language: str, n: int) -> None:
    assert len(split_sentences(text, language)) == n


def test_stop_words_leave_what_news_is_about() -> None:
    assert {"the", "of", "'s"} <= stop_words("en")
    assert not {"bill", "fire", "system", "war"} & stop_words("en")
    assert stop_words("fr") == frozenset()
