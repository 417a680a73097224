"""Mentions: where, in whose voice, implied or named, and the context that the encoder pools."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from research.errors import ConfigError, InputError
from research.stance import Target, find_mentions, mark_mentions
from research.stance._voices import quoted_stretches, reported_stretches

RUSSIA = Target("russia", "Russia", ("Russia", "Moscow"))
INDIA = Target("india", "India", ("India", "New Delhi"))
TIES = Target("partnership", "The partnership", ("partnership", "bilateral ties"), implied_by=(("india", "russia"),))
TARGETS = [TIES, RUSSIA, INDIA]


def test_rows_point_at_the_spans_in_the_encoders_order() -> None:
    texts = [
        "New Delhi has been patient at length with each of its neighbours. Later, after some weeks of doubt, Moscow "
        "was at fault for the whole of the delay.",
        "Nobody came.",
        "Moscow and Russia agree.",
    ]
    found = find_mentions(texts, TARGETS)
    for spans in found.spans:
        assert spans == sorted(set(spans))
    flat = [(place, span) for place, spans in enumerate(found.spans) for span in spans]
    for row in range(len(found)):
        mention, near, far = (flat[span] for span in found.span[row])
        assert mention == (found.text[row], (found.start[row], found.end[row]))
        assert near[0] == far[0] == found.text[row]
        assert far[1][0] <= near[1][0] <= found.start[row] and found.end[row] <= near[1][1] <= far[1][1]
    assert found.present.tolist() == [[False, True, True], [False] * 3, [False, True, False]]
    # Two mentions with one and the same context share its span.
    assert len(found.spans[2]) == 3 and (found.text == 2).sum() == 2
    # The contexts stay in their sentence.
    india = found.span[(found.target == 2) & (found.text == 0)][0]
    assert not any("Later" in texts[0][slice(*flat[span][1])] for span in india)
    assert "neighbours" not in texts[0][slice(*flat[india[1]][1])]
    assert "neighbours" in texts[0][slice(*flat[india[2]][1])]


def test_opposed_targets_in_one_sentence_get_different_spans() -> None:
    text = ["While China sent lectures, threats and a bill for every crate, Russia sent grain without any conditions."]
    found = find_mentions(text, [RUSSIA, Target("china", "China", ("China",))])
    near = found.span[:, 1]
    assert near[0] != near[1] and [text[0][a:b] for a, b in found.spans[0]].count(text[0]) == 1


def test_quotations_are_not_the_texts_own_voice() -> None:
    text = ['Officials met on Monday. "We trust that Russia will never let us down", the minister said.']
    own, both = find_mentions(text, [RUSSIA]), find_mentions(text, [RUSSIA], voice="all")
    assert own.present.all() and own.attributed.all()
    assert own.spans == [[]] and own.span.tolist() == [[-1] * 3] and not own.scored.any()
    assert both.scored.all() and min(both.span.ravel()) >= 0
    scare = find_mentions(['The "Russia pivot" has been a failure.'], [RUSSIA])
    assert not scare.attributed.any() and scare.scored.all()


def test_what_a_text_reports_is_not_its_own_voice_and_ends_the_contexts_of_its_own() -> None:
    text = ["Russia kept its word, and China says that Russia is a reckless and untrustworthy neighbour."]
    china = Target("china", "China", ("China",))
    own, both = (find_mentions(text, [RUSSIA, china], voice=voice) for voice in ("own", "all"))
    for found in (own, both):
        assert found.attributed[found.target == 0].tolist() == [False, True] and not found.attributed[2]
    assert own.scored.tolist() == [True, False, True] and both.scored.all()
    assert not any("reckless" in text[0][start:end] for start, end in own.spans[0])
    assert any("reckless" in text[0][start:end] for start, end in both.spans[0])
    elsewhere = find_mentions(text, [RUSSIA], language="de")
    assert not elsewhere.attributed.any()


@pytest.mark.parametrize(
    ("sentence", "reported"),
    [
        ("The minister insisted that the pact was sound.", [" that the pact was sound."]),
        ("The pact is sound, the minister told reporters.", ["The pact is sound"]),
        ("The pact, which the senator slammed as a sham, went ahead.", [" as a sham, went ahead."]),
        ("According to the ministry, the pact is sound.", [", the pact is sound."]),
        ("The pact is sound, according to the ministry.", ["The pact is sound, "]),
        ("The ministry was accused of a cover-up.", ["The ministry was accused of a cover-up."]),
        ("As the minister said, the pact is sound and fair.", [", the pact is sound and fair."]),
        ("Whatever the minister hoped, the pact is unsound.", []),
        ("Their claims and promises came to nothing.", []),
        ("I believe the pact is sound.", []),
        ("We have long argued against the pact.", []),
        ("The pact brought a call-in and a say-so.", []),
    ],
)
def test_what_a_sentence_reports(sentence, reported) -> None:
    assert [sentence[a:b] for a, b in reported_stretches(sentence)] == reported


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("He said “we will win this war” and left", ["“we will win this war”"]),
        ("A “special friend” came", []),
        ('He "said" that and "said" this, no more', []),
        ("“We shall go on with it. And on.", ["“We shall go on with it. And on."]),
        ('The 6" pipe is longer than the 4" one', []),
        ('One stray " mark in a sentence of many words', []),
    ],
)
def test_what_counts_as_a_quotation(text, stretches) -> None:
    assert [text[a:b] for a, b in quoted_stretches(text)] == stretches


def test_a_target_is_implied_only_without_a_mention_of_its_own() -> None:
    both = "India and Russia have much to gain from one another."
    found = find_mentions([both, f"The partnership thrives. {both}", "India gains. Russia gains."], TARGETS)
    ties = found.target == 0
    assert found.implied[ties].tolist() == [True, False]
    assert found.text[ties].tolist() == [0, 1]
    assert found.end[ties][0] == both.index(" have")


def test_a_quoted_sentence_implies_nothing_in_the_own_voice() -> None:
    text = ['"India and Russia will always stand together", he said.']
    assert find_mentions(text, TARGETS).present.tolist() == [[False, True, True]]
    assert find_mentions(text, TARGETS, voice="all").present.all()


def test_no_mentions_and_wrong_calls() -> None:
    found = find_mentions(["Rain fell.", ""], TARGETS)
    assert len(found) == 0 and found.spans == [[], []] and not np.any(found.present)
    assert find_mentions([], TARGETS).present.shape == (0, 3)
    with pytest.raises(ConfigError, match="own and all"):
        find_mentions(["a"], TARGETS, voice="mine")
    with pytest.raises(InputError, match="list of texts"):
        find_mentions("a", TARGETS)
    with pytest.raises(InputError, match="a whole table; give one of its columns"):
        find_mentions(pl.DataFrame({"text": ["Rain fell."]}), TARGETS)
    with pytest.raises(InputError, match="did you mean `en`"):
        find_mentions(["a"], TARGETS, language="english")
    with pytest.raises(ConfigError, match="`targets` is 'Russia'; give a list"):
        find_mentions(["a"], "Russia")


def test_one_target_alone_and_a_code_in_capitals_will_do() -> None:
    text = ["Officials said that Moscow had broken its word."]
    found = find_mentions(pl.Series(text), RUSSIA, language="EN")
    assert found.attributed.tolist() == find_mentions(text, [RUSSIA]).attributed.tolist() == [True]


def test_marked_mentions_are_what_find_mentions_finds() -> None:
    text = "Whatever came, Moscow kept its word. Rain fell."
    found = find_mentions([text], [RUSSIA])
    marked = mark_mentions([text, text], [(15, 21), (0, 8)])
    assert marked.text.tolist() == [0, 1] and marked.spans[0] == found.spans[0]
    assert marked.span[0].tolist() == found.span[0].tolist()
    with pytest.raises(InputError, match="47 characters"):
        mark_mentions([text], [(40, 60)])
    with pytest.raises(InputError, match="one mention a text"):
        mark_mentions([text], [])
