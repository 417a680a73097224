from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from research.errors import ConfigError, InputError
from research.themes import Codebook, CodebookTheme

GOOD = """\
name: small
label: A small codebook
themes:
  - name: energy
    label: Energy
    definition: The supply of energy.
    anchors: [India bought crude oil., The reactor went online.]
    exclusions: [The player was full of energy.]
  - name: sport
    label: Sport
    definition: Games and matches.
    anchors: [The match ended in a draw.]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "book.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_load_gives_every_field(tmp_path: Path) -> None:
    book = Codebook.load(write(tmp_path, GOOD))
    assert (book.name, book.label, book.language, book.source) == ("small", "A small codebook", "en", "")
    assert book.themes[0] == CodebookTheme(
        "energy",
        "Energy",
        "The supply of energy.",
        ("India bought crude oil.", "The reactor went online."),
        ("The player was full of energy.",),
    )
    assert book.themes[1].exclusions == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    anchors: [The match", "    anchor: [The match", ["sport", "anchor", "did you mean `anchors`"]),
        ("label: A small", "lable: A small", ["lable", "did you mean `label`"]),
        (
            "definition: Games and matches.\n    anchors: [The match ended in a draw.]",
            "anchors: []",
            ["sport", "no `anchors`"],
        ),
        ("definition: Games and matches.", "definition: ''", ["sport", "`definition`", "empty"]),
        ("definition: Games and matches.", "examples: [' ']", ["sport", "examples", "item 1", "empty"]),
        ("[The match ended in a draw.]", "The match.", ["sport", "anchors", "must be a list"]),
        ("[The match ended in a draw.]", "[3]", ["sport", "anchors", "item 1", "3"]),
        ("[The match ended in a draw.]", "[Final: a draw]", ["item 1", "quotes"]),
        ("    label: Sport", "    label: 4", ["sport", "label", "4"]),
        ("name: sport", "name: energy", ["`energy`", "two themes"]),
        ("name: sport", "name: Sport!", ["Sport!", "lower-case"]),
        ("name: small", "name: ''", ["name", "empty"]),
        ("    definition: Games", "    definition: [Games", ["line"]),
        ("label: Sport", "label: !!python/object/apply:os.system ['true']", ["line 10", "python"]),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        Codebook.load(write(tmp_path, GOOD.replace(old, new)))
    message = str(caught.value)
    assert "book.yaml" in message and "\n" not in message
    for part in said:
        assert part in message


@pytest.mark.parametrize(
    "text", ["", "themes", "- a\n- b", "name: a\nlabel: b\nthemes: []", "name: a\nlabel: b\nthemes: [x]"]
)
def test_other_shapes_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"book\.yaml"):
        Codebook.load(write(tmp_path, text))


def test_unknown_name_and_missing_file() -> None:
    with pytest.raises(ConfigError, match="no_such_book"):
        Codebook.load("no_such_book")
    with pytest.raises(ConfigError, match="no such file"):
        Codebook.load("no_such_book.yaml")


def test_shipped_codebooks_load() -> None:
    folder = Path(__file__).parents[2] / "configs" / "codebooks"
    for path in sorted(folder.glob("*.yaml")):
        assert len(Codebook.load(path.stem).themes) > 1


def test_a_theme_needs_a_definition_or_an_anchor_or_an_example(tmp_path: Path) -> None:
    text = GOOD.replace("    anchors: [The match ended in a draw.]\n", "").replace(
        "    definition: The supply of energy.\n", ""
    )
    book = Codebook.load(write(tmp_path, text))
    assert book.themes[0].definition == "" and book.themes[1].anchors == ()
    assert Codebook((CodebookTheme("a", "A", examples=("A paragraph. Of two sentences.",)),)).names == ("a",)
    with pytest.raises(ConfigError, match=r"no `definition`, no `anchors` and no `examples`"):
        Codebook((CodebookTheme("a", "A"),))


def test_phrases_are_the_parts_of_the_definition() -> None:
    def phrases(definition: str) -> tuple[str, ...]:
        return CodebookTheme("a", "A", definition, ("a",)).phrases

    assert phrases("Oil and gas; power plants, the grid, oil and gas.") == (
        "Oil and gas",
        "power plants",
        "the grid",
        "oil and gas",
    )
    assert phrases("Cars. Not 4,000 bicycles; trucks, trucks.") == ("Cars", "Not 4,000 bicycles", "trucks")
    assert phrases("One phrase") == ("One phrase",)
    assert phrases("") == ()


def test_encode_keeps_texts_and_vectors_together(tmp_path: Path, encoder) -> None:
    text = GOOD.replace("    definition: Games and matches.\n", "    examples: [Goal. Match.]\n").replace(
        "The supply of energy.", "Oil, gas."
    )
    book = Codebook.load(write(tmp_path, text)).encode(encoder)
    assert book.anchor_theme.tolist() == [0, 0, 0, 1, 1]
    assert book.defines.tolist() == [True, False, False, False, False]
    assert book.exclusion_theme.tolist() == [0] and book.phrase_theme.tolist() == [0, 0]

    def vector(text: str) -> np.ndarray:
        return encoder.encode([text]).vectors[0]

    np.testing.assert_array_equal(book.anchor_vectors[3], vector("The match ended in a draw."))
    np.testing.assert_array_equal(book.anchor_vectors[4], vector("Goal. Match."))
    np.testing.assert_array_equal(book.label_vectors[1], vector("Sport"))
    np.testing.assert_array_equal(book.phrase_vectors[1], vector("gas"))
    np.testing.assert_array_equal(book.titled_vectors[1], vector("Energy: gas"))
    np.testing.assert_array_equal(book.exclusion_vectors[0], vector("The player was full of energy."))


def test_codebook_made_in_code_is_checked() -> None:
    theme = CodebookTheme("a", "A", "A.", ("a",))
    with pytest.raises(ConfigError, match="two themes"):
        Codebook((theme, theme))
    with pytest.raises(ConfigError, match="no theme"):
        Codebook(())
    for wrong in (["x"], "putin_visit", theme):
        with pytest.raises(InputError, match=r"give a list of `CodebookTheme`s, or read .* with `Codebook\.load`"):
            Codebook(wrong)
