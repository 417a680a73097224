"""The paragraphs that ship with the project are marked and labelled throughout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments._stance_corpora import read_press_mentions
from experiments._world_press import Marked, unmarked, world_press
from research.errors import InputError

PRESS = Path(__file__).resolve().parents[2] / "configs/labels/world_press"


def test_marks_are_taken_out_and_kept() -> None:
    found = unmarked("[[1:Kenya]] signed the [[2:pact]] on Tuesday, [[1:Nairobi]] said.")
    assert found.text == "Kenya signed the pact on Tuesday, Nairobi said."
    assert [found.text[start:end] for _, start, end in found.mentions] == ["Kenya", "pact", "Nairobi"]
    assert [target for target, _, _ in found.mentions] == [0, 1, 0]
    assert unmarked("Nothing is marked.") == Marked("Nothing is marked.", [])


def test_every_target_is_marked_and_no_mark_is_left() -> None:
    sample, paragraphs = world_press(PRESS)
    assert len(sample) == len(paragraphs) == sample["paragraph_id"].n_unique()
    for targets, paragraph in zip(sample["targets"], paragraphs, strict=True):
        assert {target for target, _, _ in paragraph.mentions} == set(range(len(targets.split(";"))))
        assert "[[" not in paragraph.text and "]]" not in paragraph.text


def test_mentions_have_their_targets_labels() -> None:
    found = read_press_mentions(PRESS)
    assert len(found) == sum(len(paragraph.mentions) for paragraph in world_press(PRESS)[1])
    assert found.alpha is not None and found.alpha > 0.67
    assert set(np.unique(found.y)) <= {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert all(start < end <= len(text) for text, (start, end) in zip(found.texts, found.positions, strict=True))


def test_a_folder_without_paragraphs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"paragraphs\.csv: no such file"):
        world_press(tmp_path)
