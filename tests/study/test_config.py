"""Reading configurations: `extends`, overrides, origins, and one sentence for whatever is wrong."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from research.errors import ConfigError
from research.study import PathValue, Section, load_config, write_config


class Inner(Section):
    """A section."""

    method: Literal["fast", "exact"] = "exact"
    n: int = Field(3, ge=1)
    share: float = 0.5
    words: tuple[str, ...] = ("a", "b")
    file: Annotated[str | None, PathValue("file")] = None
    codebook: Annotated[str | None, PathValue("yaml")] = None


class Whole(Section):
    """A configuration."""

    name: str
    inner: Inner = Field(default_factory=Inner)
    many: dict[str, Inner] = Field(default_factory=dict)
    maybe: Inner | None = None


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(write(folder, "c.yaml", text), Whole, overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_and_origins(tmp_path: Path) -> None:
    path = write(tmp_path, "c.yaml", "name: x\ninner: {n: 5}\n")
    loaded = load_config(path, Whole, ["inner.share=0.25"])
    assert (loaded.values.inner.n, loaded.values.inner.share, loaded.values.inner.method) == (5, 0.25, "exact")
    assert loaded.origins["inner.n"] == str(path)
    assert loaded.origins["inner.share"] == "--set"
    assert loaded.origins["inner.method"] == "default"


def test_extends_merges_mappings_and_replaces_lists(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "name: base\ninner: {n: 7, share: 0.1, words: [p, q, r]}\n")
    path = write(tmp_path, "c.yaml", "extends: base.yaml\nname: own\ninner: {words: [z]}\n")
    loaded = load_config(path, Whole)
    assert loaded.values.name == "own"
    assert loaded.values.inner.words == ("z",)
    assert (loaded.values.inner.n, loaded.values.inner.share) == (7, 0.1)
    assert loaded.origins["inner.n"].endswith("base.yaml")


def test_paths_start_from_the_file_they_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "shared/base.yaml", "name: base\ninner: {file: texts/*.txt, codebook: own.yaml}\n")
    path = write(tmp_path, "studies/c.yaml", "extends: ../shared/base.yaml\n")
    loaded = load_config(path, Whole)
    assert loaded.path(loaded.values.inner.file) == tmp_path / "shared/texts/*.txt"
    assert loaded.path(loaded.values.inner.codebook) == tmp_path / "shared/own.yaml"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = load_config(path, Whole, ["inner.file=mine.txt", "inner.codebook=shipped_name"])
    assert again.path(again.values.inner.file) == tmp_path / "elsewhere/mine.txt"
    assert again.values.inner.codebook == "shipped_name"


def test_the_resolved_configuration_reads_back_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, "a/c.yaml", "name: x\ninner: {file: ../t/*.txt}\nmany: {one: {n: 2}}\n")
    loaded = load_config(path, Whole)
    copy = write(tmp_path, "b/config.yaml", write_config(loaded.values))
    again = load_config(copy, Whole, base=path.parent)
    assert again.values == loaded.values
    assert again.path(again.values.inner.file) == loaded.path(loaded.values.inner.file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\ninner: {metod: fast}\n", ["c.yaml", "`inner.metod`", "did you mean `method`?", "codebook, file"]),
        ("nam: x\n", ["`nam`", "did you mean `name`?"]),
        ("inner: {n: 3}\n", ["`name` is missing"]),
        ("name: x\ninner: {n: '3'}\n", ["c.yaml", "`inner.n`", '"3"', "integer"]),
        ("name: x\ninner: {n: 0}\n", ["`inner.n` is 0", "greater than or equal to 1"]),
        ("name: x\ninner: {method: fsat}\n", ["`inner.method`", "'fast' or 'exact'", "did you mean `fast`?"]),
        ("name: x\ninner: [1]\n", ["`inner` is [1]"]),
        ("name: x\nmany: {one: {shar: 2}}\n", ["`many.one.shar`", "did you mean `share`?"]),
        ("name: x\nmaybe: {share: much}\n", ["`maybe.share`", "number"]),
        ("name: x\nname: y\n", ["line 2", "`name` comes twice"]),
        ("name: [x\n", ["c.yaml, line", "not valid YAML"]),
        ("name: !!python/object:os.system {}\n", ["line 1", "python/object", "remove the tag"]),
        ("- a\n- b\n", ["top level is a list"]),
        ("", ["empty"]),
        ("extends: gone.yaml\nname: x\n", ["`extends` names gone.yaml"]),
        ("extends: c.yaml\nname: x\n", ["circle"]),
        ("extends: 3\nname: x\n", ["`extends` is 3"]),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, said: list[str]) -> None:
    message = refusal(tmp_path, text)
    for words in said:
        assert words in message


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("inner.n", "key=value"),
        ("inner.n=x", "integer"),
        ("=3", "key=value"),
        ("inner.shar=3", "did you mean `share`?"),
        ("inner.n=[", "not valid YAML"),
    ],
)
def test_a_wrong_override_is_named(tmp_path: Path, pair: str, said: str) -> None:
    message = refusal(tmp_path, "name: x\n", pair)
    assert said in message
    assert "--set" in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: cannot be read"):
        load_config(tmp_path / "gone.yaml", Whole)
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path, Whole)


def test_an_alias_in_yaml_shares_nothing_with_its_anchor(tmp_path: Path) -> None:
    path = write(tmp_path, "c.yaml", "name: x\nmany:\n  one: &it {n: 5}\n  two: *it\n")
    loaded = load_config(path, Whole, ["many.two.n=9"])
    assert (loaded.values.many["one"].n, loaded.values.many["two"].n) == (5, 9)
    assert loaded.origins["many.one.n"] == str(path)


def test_what_null_replaces_leaves_no_origin_behind(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "name: a\nmaybe: {n: 5}\n")
    write(tmp_path, "b.yaml", "extends: a.yaml\nmaybe: null\n")
    loaded = load_config(write(tmp_path, "c.yaml", "extends: b.yaml\nmaybe: {share: 0.1}\n"), Whole)
    assert (loaded.values.maybe.n, loaded.origins["maybe.n"]) == (3, "default")
    assert loaded.origins["maybe.share"].endswith("c.yaml")


def test_absolute_paths_become_relative(tmp_path: Path) -> None:
    path = write(tmp_path, "configs/c.yaml", f"name: x\ninner: {{file: {tmp_path}/texts/a.txt}}\n")
    loaded = load_config(path, Whole)
    assert loaded.values.inner.file == "../texts/a.txt"


def test_a_folder_may_have_brackets(tmp_path: Path) -> None:
    path = write(tmp_path, "br[1]/c.yaml", "name: x\ninner: {file: '*.txt'}\n")
    write(tmp_path, "br[1]/a.txt", "x")
    loaded = load_config(path, Whole)
    assert glob.glob(loaded.pattern(loaded.values.inner.file)) == [  # noqa: PTH207 - the pattern is what is tested
        str(tmp_path / "br[1]/a.txt")
    ]


@pytest.mark.parametrize("text", ["name: x\n2024-01-01: y\n", "name: &a [*a]\n", "name: 2025-13-45\n", "[" * 5000])
def test_odd_yaml_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    assert "c.yaml" in refusal(tmp_path, text)
