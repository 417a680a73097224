"""The file of paragraphs coded by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from research.errors import ConfigError
from research.study._hand_labels import HandFraming, HandLabels

NAMES = ("energy", "defense")


def write(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "coder,paragraph_id,themes\nA,d:2,energy; defense\nA,d:1,\n")
    labels = HandLabels(path, NAMES)
    assert labels.themes == {"d:2": ("energy", "defense"), "d:1": ()}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_cells_may_be_parted_as_a_spreadsheet_parts_them(tmp_path: Path, mark: str) -> None:
    rows = [("paragraph_id", "coder", "framing"), ("d:1", "anna", "1"), ("d:2", "anna", "-2")]
    labels = HandFraming(write(tmp_path, "\n".join(mark.join(cells) for cells in rows)))
    assert labels.values() == {"d:1": 1.0, "d:2": -2.0}


def test_coders_who_coded_nothing_in_common_are_named(tmp_path: Path) -> None:
    apart = HandFraming(write(tmp_path, "paragraph_id,coder,framing\nd:1,anna,1\nd:2,bert,-1\n"))
    assert apart.n_shared == 0 and apart.alpha is None
    assert (
        "Of the 2 coders of `framing.labels` (labels.csv), anna, bert coded nothing that another did"
        in apart.doubts()[0]
    )
    rows = "d:1,anna,1\nd:2,anna,-1\nd:2,bert,-1\nd:1,bert,1\nd:3,carl,0\n"
    third = HandFraming(write(tmp_path, f"paragraph_id,coder,framing\n{rows}"))
    assert "labels.csv), carl coded nothing" in third.doubts()[0]
    both = HandFraming(
        write(tmp_path, "paragraph_id,coder,framing\nd:1,anna,1\nd:2,anna,-1\nd:2,bert,-1\nd:1,bert,1\n")
    )
    assert both.n_shared == 2 and both.doubts() == []
    assert HandFraming(write(tmp_path, "paragraph_id,framing\nd:1,1\nd:2,0\n")).doubts() == []


def test_a_repeat_is_labelled_as_what_it_repeats(tmp_path: Path) -> None:
    labels = HandLabels(write(tmp_path, "paragraph_id,themes\nd:2,energy\n"), NAMES)
    labels.move({"d:1": "d:1", "d:2": "d:1"})
    assert labels.themes == {"d:1": ("energy",)}
    labels = HandLabels(write(tmp_path, "paragraph_id,themes\nd:2,energy\nd:1,defense\n"), NAMES)
    with pytest.raises(ConfigError, match="same text and different themes"):
        labels.move({"d:1": "d:1", "d:2": "d:1"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,themes\nd:1,energy\n", "the column paragraph_id is missing; found are id, themes"),
        ("paragraph_id,themes\nd:1,enrgy\n", "line 2: `enrgy` is no theme of the codebook; it has energy, defense"),
        ("paragraph_id,themes\nd:1,energy\nd:1,\n", "line 3: the paragraph d:1 comes twice"),
        ("paragraph_id,themes\n,energy\n", "line 2: paragraph_id is empty"),
        ("", "must name a CSV file of coded paragraphs"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"labels\.csv") as error:
        HandLabels(write(tmp_path, text), NAMES)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_paragraph_that_is_not_there_is_named(tmp_path: Path) -> None:
    labels = HandLabels(write(tmp_path, "paragraph_id,themes\nd:9,energy\n"), NAMES)
    with pytest.raises(ConfigError, match="there is no paragraph d:9 in the corpus"):
        labels.move({"d:1": "d:1"})


def test_the_first_missing_paragraph_has_its_line_and_the_others_are_counted(tmp_path: Path) -> None:
    rows = "d:1,energy\nd:8,energy\nd:9,energy\nd:7,energy\n"
    labels = HandLabels(write(tmp_path, f"paragraph_id,themes\n{rows}"), NAMES)
    with pytest.raises(ConfigError, match=r"labels\.csv, line 3: there is no paragraph d:8 in .* \(nor 2 more"):
        labels.move({"d:1": "d:1"})


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; key"):
        HandLabels(tmp_path / "none.csv", NAMES)
