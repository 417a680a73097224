"""Axis files: what is read, and what each mistake says."""

from __future__ import annotations

import pytest

from research.errors import ConfigError
from research.framing import Anchors
from research.stance import StanceAnchors

HEADER = """\
name: own
label: Own axis
language: en
positive: warm
neutral: plain
negative: cold
anchors:
"""


def test_the_shipped_axis_reads() -> None:
    anchors = Anchors.load("celebratory")
    assert anchors.pole_names == ("analytical", "neutral", "celebratory")
    assert set(anchors.poles.tolist()) == {-1, 0, 1}
    assert len(anchors) == len(anchors.poles) == len(anchors.subjects)


def test_entries_may_hold_any_voices_and_lists(tmp_path) -> None:
    path = tmp_path / "own.yaml"
    body = "  - {subject: a, warm: [One., 'Two  lines.']}\n  - {subject: b, cold: Three., plain: Four.}\n"
    path.write_text(HEADER + body)
    anchors = Anchors.load(path)
    assert anchors.texts == ("One.", "Two lines.", "Three.", "Four.")
    assert anchors.poles.tolist() == [1, 1, -1, 0]
    assert anchors.subjects == ("a", "a", "b", "b")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("  - {subject: a, warm: One.}\n", "no entry has a text in `cold`"),
        ("  - {subject: a, wram: One.}\n", r"entry 1 \(subject `a`\): unknown key `wram` \(did you mean `warm`\?\)"),
        ("  - {warm: One.}\n", "entry 1, key `subject`"),
        ("  - {subject: a}\n", "it has no text"),
        ("  - {subject: a, warm: 3}\n", "int"),
        ("  - {subject: a, warm: }\n", "is empty"),
        ("  - {subject: a, warm: ' '}\n", "missing or empty"),
        ("  - {subject: a, warm: Same., cold: Same.}\n", "same text"),
        ("  - One.\n", "entry 1: this is a str"),
        ("  - {subject: a, warm: One.\n", r"own\.yaml, line \d+"),
        ("  - !!python/object/apply:os.system ['true']\n", r"own\.yaml, line 8.*remove the tag"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path, body, message) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(HEADER + body)
    with pytest.raises(ConfigError, match=message) as caught:
        Anchors.load(path)
    assert "own.yaml" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label: Own axis\n", "", "`label` is missing"),
        ("label:", "lable: x\nlabel:", "did you mean `label`"),
        ("negative: cold", "negative: warm", "must differ"),
        ("anchors:\n", "anchors: 3\n", "must be a list"),
    ],
)
def test_a_wrong_header_is_told(tmp_path, old, new, message) -> None:
    path = tmp_path / "own.yaml"
    text = HEADER.replace(old, new)
    path.write_text(text if "3\n" in new else text + "  - {subject: a, warm: One., cold: Two.}\n")
    with pytest.raises(ConfigError, match=message):
        Anchors.load(path)


def test_an_axis_says_whether_it_is_about_voice_or_content(tmp_path) -> None:
    assert (Anchors.load("celebratory").reads, Anchors.load("valence").reads) == ("voice", "content")
    path = tmp_path / "own.yaml"
    text = HEADER + "  - {subject: a, warm: One., cold: Two.}\n"
    path.write_text(text)
    assert Anchors.load(path).reads == "voice"
    path.write_text("reads: content\n" + text)
    assert Anchors.load(path).reads == "content"
    path.write_text("reads: contents\n" + text)
    with pytest.raises(ConfigError, match=r"own\.yaml: the key `reads` is 'contents' \(did you mean `content`"):
        Anchors.load(path)
    path.write_text("reads: content\n" + HEADER + "  - {subject: a, warm: '[[One]].', cold: '[[Two]].'}\n")
    with pytest.raises(ConfigError, match="`reads` is for framing axes"):
        StanceAnchors.load(path)


def test_an_unknown_name_tells_what_ships() -> None:
    with pytest.raises(ConfigError, match="did you mean `celebratory`"):
        Anchors.load("celebratary")
