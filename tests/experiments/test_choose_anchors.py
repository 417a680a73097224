"""Sets whose poles words tell apart are left out, and the rest is written as it stood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments._anchor_words import poled, words_left_out
from experiments._framing_rows import auroc
from experiments.choose_anchors import Pool, filter_sets
from research.errors import InputError

_HEADER = """# A comment that stays.
name: voice
label: Voice
language: en
positive: glad
neutral: plain
negative: sober
anchors:
"""


def write(path: Path, n_told: int, n_hard: int) -> Path:
    """Write sets of which words tell `n_told` apart; in the others the poles differ in nothing others share."""
    rng = np.random.default_rng(0)
    entries = []
    for number in range(n_told + n_hard):
        things = " ".join(rng.choice([f"thing{k}" for k in range(40)], 6))
        glad, sober = ("hooray", "whereas") if number < n_told else ("indeed", "indeed")
        entries.append(
            f"  - subject: s{number}\n    glad: {glad} {things} a{number}\n    plain: {things} b{number}\n"
            f"    sober: {sober} {things} c{number}\n"
        )
    path.write_text(_HEADER + "".join(entries), encoding="utf-8")
    return path


def test_the_sets_that_words_solve_are_left_out_and_the_file_keeps_its_form(tmp_path) -> None:
    pool = Pool.read(write(tmp_path / "pool.yaml", 20, 40))
    kept, rounds = filter_sets(pool, 0.6, 5, 2)
    assert rounds[0]["n_sets"] == 60 and rounds[0]["auroc_words"] > 0.6 >= rounds[-1]["auroc_words"]
    assert sum(number < 20 for number in kept) < sum(number >= 20 for number in kept) * 20 / 40
    chosen = pool.take(kept)
    out = tmp_path / "out.yaml"
    out.write_text(chosen.header + "".join(chosen.entries), encoding="utf-8")
    again = Pool.read(out)
    assert again.anchors.texts == chosen.anchors.texts and again.header == _HEADER
    assert out.read_text(encoding="utf-8").splitlines()[0] == "# A comment that stays."


def test_words_that_every_set_shares_are_found_on_left_out_subjects(tmp_path) -> None:
    anchors = Pool.read(write(tmp_path / "pool.yaml", 30, 0)).anchors
    _, poles, subjects = poled(anchors)
    assert auroc(poles > 0, words_left_out(anchors)) == 1 and len(set(subjects)) == 30


def test_a_goal_out_of_reach_and_a_set_without_a_voice_are_told(tmp_path) -> None:
    path = write(tmp_path / "pool.yaml", 20, 0)
    with pytest.raises(InputError, match=r"last 10 sets' poles apart .* raise `goal`"):
        filter_sets(Pool.read(path), 0.6, 5, 1)
    path.write_text(path.read_text(encoding="utf-8").partition("    plain:")[0], encoding="utf-8")
    path.write_text(f"{path.read_text(encoding='utf-8')}    sober: nothing plain is said\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 entries and 2 texts; give every entry one text in each voice"):
        Pool.read(path)
