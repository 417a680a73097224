"""The stance anchors: marks come out, spans stand where they were."""

from __future__ import annotations

import pytest

from research.errors import ConfigError
from research.stance import StanceAnchors

HEADER = """\
name: own
label: Own
language: en
positive: favor
neutral: neutral
negative: against
anchors:
"""


def test_the_shipped_anchors_read() -> None:
    anchors = StanceAnchors.load("stance")
    assert set(anchors.poles.tolist()) == {-1, 0, 1}
    assert len(anchors) == len(anchors.mentions) == len(anchors.subjects)
    assert anchors.path is not None and anchors.path.name == "stance.yaml"
    assert not any("[[" in text or "]]" in text for text in anchors.texts)
    assert anchors.mentions.text.tolist() == list(range(len(anchors))) and anchors.mentions.scored.all()


def test_the_mention_is_the_mark(tmp_path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(HEADER + "  - {subject: s, favor: 'All trust [[India]].', against: 'None trusts [[India]].'}\n")
    anchors = StanceAnchors.load(path)
    assert anchors.texts == ("All trust India.", "None trusts India.")
    assert anchors.mentions.start.tolist() == [10, 12] and anchors.mentions.end.tolist() == [15, 17]
    assert anchors.mentions.spans[0] == [(0, 16), (10, 15)]


@pytest.mark.parametrize("text", ["no mark", "[[a]] and [[b]]", "[[a", "a]]", "[[ ]] x"])
def test_a_text_must_mark_one_target(tmp_path, text) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(HEADER + f"  - {{subject: s, favor: '{text}', against: '[[b]] fails'}}\n")
    with pytest.raises(ConfigError, match=r"own\.yaml, entry 1 \(subject `s`\).*mark its target once"):
        StanceAnchors.load(path)
