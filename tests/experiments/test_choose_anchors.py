"""Sets whose poles words tell apart are left out, and the rest is written as it stood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments._anchor_words import pole_texts
from experiments._framing_rows import auroc
from experiments._news_sample import text_hash
from experiments.choose_anchors import Pool, agreed_sets, filter_sets
from research.errors import InputError
from research.framing._anchor_words import out_of_fold_words

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
    assert sum(number < 20 for number in kept) <= 3 and sum(number >= 20 for number in kept) >= 20
    chosen = pool.take(kept)
    out = tmp_path / "out.yaml"
    out.write_text(chosen.header + "".join(chosen.entries), encoding="utf-8")
    again = Pool.read(out)
    assert again.anchors.texts == chosen.anchors.texts and again.header == _HEADER
    assert out.read_text(encoding="utf-8").splitlines()[0] == "# A comment that stays."


def test_words_that_every_set_shares_are_found_on_left_out_subjects(tmp_path) -> None:
    anchors = Pool.read(write(tmp_path / "pool.yaml", 30, 0)).anchors
    texts, poles, subjects = pole_texts(anchors)
    assert auroc(poles > 0, out_of_fold_words(texts, poles, subjects)) == 1 and len(set(subjects)) == 30


def test_a_goal_out_of_reach_and_a_set_without_a_voice_are_told(tmp_path) -> None:
    path = write(tmp_path / "pool.yaml", 20, 0)
    with pytest.raises(InputError, match=r"last 10 sets' poles apart .* raise `goal`"):
        filter_sets(Pool.read(path), 0.6, 5, 1)
    path.write_text(path.read_text(encoding="utf-8").partition("    plain:")[0], encoding="utf-8")
    path.write_text(f"{path.read_text(encoding='utf-8')}    sober: nothing plain is said\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 entries and 2 texts; give every entry one text in each voice"):
        Pool.read(path)


def coders(path: Path, pool: Pool, **heard: tuple[str, str]) -> Path:
    """Write both coders' judgements as the voices are meant, save those of the texts that end in a name."""
    rows = ["text_hash,framing_a,framing_b,natural_a,natural_b"]
    for text, pole in zip(pool.anchors.texts, pool.anchors.poles, strict=True):
        b, natural = heard.get(text.split()[-1], (str(2 * pole), "1"))
        rows.append(f"{text_hash(text)},{2 * pole},{b},1,{natural}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_set_stays_if_both_coders_hear_each_voice_and_find_it_natural(tmp_path) -> None:
    pool = Pool.read(write(tmp_path / "pool.yaml", 4, 8))
    judged = coders(tmp_path / "coders.csv", pool, a3=("0", "1"), b5=("1", "1"), c7=("-2", "0"))
    agreed, alpha = agreed_sets(pool, judged)
    assert agreed == [0, 1, 2, 4, 6, 8, 9, 10, 11] and 0.8 < alpha < 1
    lines = judged.read_text(encoding="utf-8").splitlines()
    judged.write_text("\n".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(InputError, match=r"no coder judged 1 texts of .*pool.yaml, the first .* on `s11`"):
        agreed_sets(pool, judged)


def test_pools_join_in_the_order_of_their_subjects(tmp_path) -> None:
    pool = Pool.read(write(tmp_path / "pool.yaml", 4, 6))
    joined = pool.take([5, 7, 9]).join(pool.take([0, 6, 8]))
    assert joined.anchors.subjects[::3] == ("s0", "s5", "s6", "s7", "s8", "s9")
    assert joined.entries == pool.take([0, 5, 6, 7, 8, 9]).entries
