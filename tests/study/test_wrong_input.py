"""Wrong input ends in one sentence that names file and key or row, exit code 2, and nothing written."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from research.__main__ import main

PARAGRAPH = "The two ministers met on Monday and signed an agreement on grain exports, officials said."
CONFIG = "name: small\ncorpus: {files: texts/*.txt}\nthemes: {codebook: null}\n"


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Give a function that runs a configuration, expects a refusal, and gives the sentence."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/one.txt").write_text(
        f"{PARAGRAPH}\n\nIt came after months of talks between the two sides, they said.\n"
    )

    def run(config: str = CONFIG, *overrides: str, command: str = "run") -> str:
        (tmp_path / "study.yaml").write_text(config, encoding="utf-8")
        before = sorted(str(path) for path in tmp_path.rglob("*"))
        options = [word for pair in overrides for word in ("--set", pair)]
        monkeypatch.setattr(sys, "argv", ["research", command, "study.yaml", *options])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert left.value.code == 2, said.err
        assert "Traceback" not in said.err
        assert len(said.err.strip().splitlines()) == 1
        after = sorted(str(path) for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "cache"))
        assert [path for path in after if path not in before] == []
        return said.err

    return run


def test_missing_folder(refused: Callable[..., str]) -> None:
    said = refused(CONFIG.replace("texts/", "gone/"))
    assert "gone" in said


def test_empty_file(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/two.txt").write_text("\n  \n")
    said = refused()
    assert "two.txt" in said and "empty" in said


def test_not_utf8(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/two.txt").write_bytes("Der Präsident sprach.".encode("latin-1"))
    said = refused()
    assert "two.txt" in said and "UTF-8" in said


def test_csv_without_text(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/table.csv").write_text("id,body\n1,hello\n")
    said = refused(CONFIG.replace("*.txt", "table.csv"))
    assert "table.csv" in said and "`text`" in said and "body" in said


def test_one_paragraph(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/one.txt").write_text(PARAGRAPH)
    said = refused()
    assert "texts/*.txt" in said and "1 paragraph" in said and "at least" in said


def test_broken_yaml(refused: Callable[..., str]) -> None:
    said = refused("name: [small\ncorpus: {}\n")
    assert "study.yaml, line" in said and "YAML" in said


def test_unknown_key(refused: Callable[..., str]) -> None:
    said = refused(CONFIG.replace("codebook", "codebok"))
    assert "study.yaml" in said and "`themes.codebok`" in said and "did you mean `codebook`?" in said


def test_wrong_type(refused: Callable[..., str]) -> None:
    said = refused(CONFIG + "seed: many\n")
    assert "study.yaml" in said and "`seed`" in said and "integer" in said


def test_one_pole_axis(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "axis.yaml").write_text(
        "name: half\nlabel: Half\nlanguage: en\npositive: warm\nneutral: plain\nnegative: cold\nanchors:\n"
        "  - subject: a\n    warm: A splendid day for everyone in the city.\n    plain: It rained on Monday.\n"
    )
    said = refused(CONFIG + "framing: {axis: axis.yaml}\n")
    assert "axis.yaml" in said and "cold" in said


def test_python_tag(refused: Callable[..., str]) -> None:
    said = refused("name: !!python/object/apply:os.system ['touch pwned']\n")
    assert "study.yaml, line 1" in said and "python/object" in said


@pytest.mark.parametrize(
    ("config", "where", "hint"),
    [
        (
            f"title: Grain: a study\n{CONFIG}",
            "line 1: this is not valid YAML",
            "`title: Grain: a study` has a colon in its",
        ),
        (
            f"stance:\n  voice:all\n  targets: {{}}\n{CONFIG}",
            "line 3 or the one above",
            "after the colon of `voice:all`",
        ),
        (
            f"themes\n  codebook: null\n{CONFIG}",
            "line 2 or the one above",
            "`themes` stands alone: write a colon after it",
        ),
        (f"{CONFIG}stance:\n\tvoice: all\n", "line 5 or the one above", "a tab stands before `voice: all`: use spaces"),
        (f"name, small\n{CONFIG}", "line 2 or the one above", "`name, small` has no colon"),
        (f"axes: ['an axis' name', alarm]\n{CONFIG}", "line 1: this is", "has a quote within quotes"),
    ],
)
def test_yaml_faults_say_where_to_look(refused: Callable[..., str], config: str, where: str, hint: str) -> None:
    said = refused(config)
    assert f"study.yaml, {where}" in said and hint in said


MAYOR = "stance:\n  targets:\n    city: {aliases: [city]}\n    mayor: {label: The mayor%s}\n"


def test_a_list_written_as_text(refused: Callable[..., str]) -> None:
    said = refused(CONFIG + MAYOR % ", aliases: 'Calloway, mayor'")
    assert "`stance.targets.mayor.aliases`" in said and "write [Calloway, mayor]" in said


def test_only_the_faulty_entry_is_named(refused: Callable[..., str]) -> None:
    said = refused(CONFIG + MAYOR % "")
    assert "key `stance.targets`: target `mayor` has neither aliases" in said and "city" not in said


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG.replace("texts/*.txt", "../gone/*.txt"), "../gone/*.txt: the folder ../gone does not exist"),
        (CONFIG.replace("*.txt", "*.md"), "texts/*.md: no file matches; key `corpus.files`"),
        (CONFIG.replace("/*.txt", ""), "key `corpus.files`: texts is a folder"),
        (CONFIG.replace("*.txt", "*.txt, metadata: m.yaml"), "m.yaml: no such file; key `corpus.metadata`"),
        (CONFIG.replace("null", "own.yaml"), "own.yaml: no such file; key `themes.codebook`"),
        (CONFIG.replace("null", "own"), "no shipped codebooks file is called `own`"),
        (f"{CONFIG}framing: {{axis: own.yaml}}\n", "own.yaml: no such file; key `framing.axis`"),
        (f"{CONFIG}framing: {{labels: own.csv}}\n", "own.csv: no such file; key `framing.labels`"),
        (f"{CONFIG}axes: [own.yaml]\n", "own.yaml: no such file; key `axes`"),
        (f"{CONFIG}inference: {{columns: [sektion]}}\n", "`inference.columns` names `sektion`"),
    ],
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_missing_files_are_found_by_both_commands(
    refused: Callable[..., str], tmp_path: Path, config: str, said: str, command: str
) -> None:
    found = refused(config, command=command)
    assert said in found
    assert "was looked up in" not in found or str(tmp_path) in found


def test_check_reads_the_metadata(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("one: {outlett: Herald}\n")
    said = refused(CONFIG.replace("*.txt", "*.txt, metadata: m.yaml"), command="check")
    assert "m.yaml: key `one: outlett` is not known (did you mean `outlet`?)" in said


def test_check_counts_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts").mkdir()
    for name in ("one", "two"):
        (tmp_path / f"texts/{name}.txt").write_text(PARAGRAPH)
    (tmp_path / "m.csv").write_text("id,outlet,date\none,Herald,2999-01-02\n")
    (tmp_path / "study.yaml").write_text(CONFIG.replace("*.txt", "*.txt, metadata: m.csv"))
    monkeypatch.setattr(sys, "argv", ["research", "check", str(tmp_path / "study.yaml")])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().out
    assert left.value.code in (0, None) and "Every file was found; 2 documents." in said
    assert "Note: 1 of 2 documents has no outlet (two)" in said and "in the future (one: 2999-01-02)" in said


def test_check_says_that_labelled_paragraphs_are_looked_up_by_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/one.txt").write_text(f"{PARAGRAPH}\n\nIt came after months of talks, they said.\n")
    (tmp_path / "own.csv").write_text("paragraph_id,framing\none:0,1\nnone:9,0\n")
    (tmp_path / "study.yaml").write_text(f"{CONFIG}language: EN\nframing: {{labels: own.csv}}\n")
    monkeypatch.setattr(sys, "argv", ["research", "check", str(tmp_path / "study.yaml")])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().out
    assert left.value.code in (0, None) and re.search(r'^language +"en" ', said, re.MULTILINE)
    assert "Note: Whether the corpus has the paragraphs that `framing.labels` names is looked up by the run" in said


def test_check_loads_no_model() -> None:
    code = (
        "import sys; from research.study import check_study, load_study; "
        "check_study(load_study('configs/studies/putin_visit.yaml')); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'matplotlib')))"
    )
    home = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=home, check=False).returncode == 0


def test_check_refuses_alike(refused: Callable[..., str]) -> None:
    assert "`themes.codebok`" in refused(CONFIG.replace("codebook", "codebok"), command="check")


STANCE = "stance:\n  targets:\n    india: {aliases: [India]}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("inference: {confidence: 2}\n", "`inference.confidence`"),
        ("inference: {n_resamples: 0}\n", "`inference.n_resamples`"),
        ("inference: {columns: [sektion]}\n", "`inference.columns` names `sektion`"),
        ("inference: {columns: [outlet, date, outlet]}\n", "`inference.columns` names `outlet` twice"),
        ("inference: {columns: [theme]}\n", "`theme`, which this package calls a column or groups of its own"),
        ("inference: {columns: [theme_document]}\n", "corpus.columns: {my_theme_document: theme_document}"),
        ("inference: {columns: [axis_alarm]}\n", "`axis_alarm`, which this package calls"),
        ("inference: {columns: [stance_india]}\n", "`stance_india`, which this package calls"),
        ("inference: {clusters: storie}\n", "`inference.clusters` names `storie`"),
        ("inference: {clusters: theme}\n", "`inference.clusters` names `theme`, which this package calls"),
        ("inference: {clusters: outlet}\n", "`inference.clusters` names `outlet`, whose values make groups, too"),
        ("inference: {clusters: [date]}\n", "`inference.clusters`"),
        ("framing: {reads: content}\n", "`framing.reads`"),
        ("stance: {targets: {}}\n", "`stance.targets`"),
        ("stance: {targets: {india: {}}}\n", "`stance.targets`"),
        (STANCE + "    bharat: {aliases: [India]}\n", "the alias `India` stands for both"),
        (STANCE + "    india_score: {aliases: [Score]}\n", "`india_score`"),
        (STANCE.replace("aliases", "alias"), "did you mean `aliases`?"),
        ("figures: [theme_mapp]\n", "did you mean `theme_map`?"),
        ("language: [en]\n", "`language`"),
        ("language: english\n", '`language` is "english"; give a two-letter code (ISO 639-1) (did you mean `en`?)'),
        ("axes: [alarm, alarm]\n", "`alarm` comes twice"),
        ("axes: [alram]\n", "did you mean `alarm`?"),
        ("axes: [celebratory]\n", "`framing.axis` is already"),
        ("framing: {labels: none.csv}\n", "none.csv: no such file; key `framing.labels`"),
    ],
)
def test_impossible_values_are_refused_before_any_work(refused: Callable[..., str], more: str, said: str) -> None:
    assert said in refused(CONFIG + more)


def test_an_impossible_override(refused: Callable[..., str]) -> None:
    assert "--set title=2025-13-45" in refused(CONFIG, "title=2025-13-45")


# What a study says of its documents, and of itself


def test_dates_of_a_metadata_table_need_their_format(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "about.csv").write_text("id,date\none,05/12/2025\n")
    said = refused(CONFIG.replace("texts/*.txt", "texts/*.txt, metadata: about.csv"))
    assert "about.csv" in said and "05/12/2025" in said and "date_format" in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("about.yaml", "one: {outlet: [The Courier, The Post]}\n"),
        ("about.jsonl", '{"id": "one", "outlet": ["a", "b"]}\n'),
    ],
)
def test_a_list_in_the_metadata(refused: Callable[..., str], tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    said = refused(CONFIG.replace("texts/*.txt", f"texts/*.txt, metadata: {name}"))
    assert name in said and "outlet" in said and "list" in said and "one value" in said


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_model_that_is_not_there(refused: Callable[..., str], command: str) -> None:
    said = refused(f"{CONFIG}embedding: {{model: ./models/none}}\n", command=command)
    assert "./models/none" in said and "embedding.model" in said


def test_a_name_that_ends_in_a_line_break(refused: Callable[..., str]) -> None:
    said = refused(CONFIG.replace("name: small", 'name: "small\\n"'))
    assert "name" in said and "study.yaml" in said
