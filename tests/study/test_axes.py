"""Further axes, and labels of framing and of stance: read, refused where wrong, and through run, verify and apply."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from research._tables import check_table
from research.errors import ConfigError
from research.framing import Anchors, FramingAxis
from research.report import methods_paragraph
from research.study import Paragraphs, file_hash, load_study, read_manifest
from research.study._axes import read_axes, teach
from research.study._hand_labels import HandFraming, HandStance
from research.study._inputs import input_files
from tests.framing.test_axis import VOICE, embed
from tests.study.conftest import ROOT, STUDY, research
from tests.study.test_run import TARGETS

pytestmark = pytest.mark.xdist_group("study")

HEAD = "paragraph_id,framing,coder\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "framing.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_several_coders_agree_and_their_median_counts(tmp_path: Path) -> None:
    rows = [("d:1", 2, 2, 1), ("d:2", -1, -2, -1), ("d:3", 0, 0, 0), ("d:4", 1, 1, 1)]
    lines = [f"{name},{value},{coder}\n" for name, *values in rows for coder, value in zip("abc", values, strict=True)]
    labels = HandFraming(write(tmp_path, HEAD + "".join(lines)))
    assert labels.coders == ("a", "b", "c") and labels.alpha is not None and labels.alpha > 0.8
    assert labels.values() == {"d:1": 2, "d:2": -1, "d:3": 0, "d:4": 1}


def test_one_coder_needs_no_column_and_has_no_agreement(tmp_path: Path) -> None:
    labels = HandFraming(write(tmp_path, "paragraph_id,framing\nd:1,2\nd:2,-1\nd:3,0\n"))
    assert labels.alpha is None and len(labels.coders) == 1
    with pytest.raises(ConfigError, match="same text and different framing; code alike"):
        labels.move({"d:1": "d:1", "d:2": "d:2", "d:3": "d:2"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("paragraph_id,score\nd:1,1\n", "the column framing is missing; found are paragraph_id, score"),
        ("paragraph_id,framing\nd:1,3\nd:2,0\n", "line 2: framing is '3'; give a whole number from -2"),
        ("paragraph_id,framing\nd:1,nan\nd:2,0\n", "line 2: framing is 'nan'"),
        ("paragraph_id,framing\nd:1,0\nd:2,0.5\n", "line 3: framing is '0.5'; give a whole number"),
        ("paragraph_id,framing\nd:1,\nd:2,0\n", "line 2: framing is empty; give"),
        ("paragraph_id,framing\nd:1,1\nd:1,0\n", "line 3: the paragraph d:1 comes twice"),
        (HEAD + "d:1,1,a\nd:1,0,a\n", "line 3: a codes the paragraph d:1 twice"),
        (HEAD + "d:1,1,a\nd:1,0,\n", "line 3: coder is empty; say who coded d:1"),
        ("paragraph_id,framing\nd:1,1\n", "1 paragraph(s) are coded; at least 2"),
        ("paragraph_id,framing\n,1\n", "line 2: paragraph_id is empty"),
        (HEAD + "d:1,2,a\nd:1,-2,b\nd:2,-2,a\nd:2,2,b\n", "below 0.4 labels are refused as gold"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"framing\.csv") as error:
        HandFraming(write(tmp_path, text))
    assert said in str(error.value) and "\n" not in str(error.value)


STANCES = "paragraph_id,target,stance,coder\n"


def test_coders_of_stance_agree_and_absent_counts_for_nothing(tmp_path: Path) -> None:
    rows = (
        "d:1,india,favor,a", "d:1,india,neutral,b", "d:2,india,against,a", "d:2,india,Against,b",
        "d:2,china,absent,a", "d:2,china,absent,b", "d:3,india,absent,a", "d:3,india,neutral,b",
    )  # fmt: skip
    labels = HandStance(write(tmp_path, STANCES + "\n".join(rows) + "\n"), ["india", "china"])
    assert labels.coders == ("a", "b") and labels.alpha is not None and 0.4 < labels.alpha < 1
    assert labels.values() == {("d:1", "india"): 0.5, ("d:2", "india"): -1.0, ("d:3", "india"): 0.0}
    labels.move({"d:1": "d:1", "d:2": "d:2", "d:3": "d:3"})
    assert len(labels.values()) == 3
    with pytest.raises(ConfigError, match="same text and different stance toward india by a; code alike"):
        labels.move({"d:1": "d:1", "d:2": "d:1", "d:3": "d:3"})
    with pytest.raises(ConfigError, match="there is no paragraph d:3 in the corpus"):
        labels.move({"d:1": "d:1", "d:2": "d:2"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("paragraph_id,stance\nd:1,favor\n", "the column target is missing"),
        (STANCES + "d:1,indai,favor,a\n", "line 2: the study has no target `indai` (did you mean `india`?)"),
        (STANCES + "d:1,india,for,a\n", "line 2: stance is 'for'; give one of favor, neutral, against, absent"),
        (STANCES + "d:1,india,,a\n", "line 2: stance is empty; give one of"),
        (STANCES + "d:1,india,favor,a\nd:1,india,favor,a\n", "line 3: a codes the paragraph d:1 toward india twice"),
        (STANCES + "d:1,india,absent,a\nd:2,india,favor,a\n", "1 stance(s) other than absent are coded; at least 2"),
        (STANCES + "d:1,india,favor,\n", "line 2: coder is empty; say who coded d:1 toward india"),
    ],
)
def test_a_wrong_file_of_stances_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        HandStance(write(tmp_path, text), ["india"])


def own_axis(folder: Path, name: str) -> Path:
    path = folder / f"{len(list(folder.iterdir()))}.yaml"
    path.write_text(
        f"name: {name}\nlabel: L\nlanguage: en\npositive: warm\nneutral: plain\nnegative: cold\nanchors:\n"
        "  - {subject: a, warm: A splendid day., cold: A dreary day.}\n"
    )
    return path


def test_axes_that_would_share_a_column_are_refused(tmp_path: Path) -> None:
    source, one, low, odd = tmp_path / "study.yaml", *(own_axis(tmp_path, n) for n in ("one", "one_low", "'../One'"))
    assert list(read_axes(["alarm", one], Anchors.load("celebratory"), source)) == ["alarm", "one"]
    with pytest.raises(ConfigError, match=r"study\.yaml: key `axes` names alarm, which `framing\.axis` is already"):
        read_axes(["alarm"], Anchors.load("alarm"), source)
    with pytest.raises(ConfigError, match="both give the column axis_one"):
        read_axes([one, own_axis(tmp_path, "one")], None, source)
    with pytest.raises(ConfigError, match="one and one_low, that would both give the column axis_one_low"):
        read_axes([one, low], None, source)
    with pytest.raises(ConfigError, match="it must be lower-case letters"):
        read_axes([odd], None, source)


def test_inputs_are_named_by_what_an_axis_calls_itself(tmp_path: Path) -> None:
    for folder, name in (("a", "warmth"), ("b", "haste")):
        (tmp_path / folder).mkdir()
        own_axis(tmp_path / folder, name).rename(tmp_path / folder / "voice.yaml")
    study = "name: small\ncorpus: {files: x.txt}\nframing: null\naxes: [a/voice.yaml, b/voice.yaml]\n"
    (tmp_path / "study.yaml").write_text(study, encoding="utf-8")
    hashes = input_files(load_study(tmp_path / "study.yaml"))
    assert hashes == {
        "axis: warmth": file_hash(tmp_path / "a/voice.yaml"),
        "axis: haste": file_hash(tmp_path / "b/voice.yaml"),
    }


def test_the_seed_is_said_to_leave_out_what_ships_with_the_axis() -> None:
    facts = {"seed": 3, "axis": "Voice", "poles": ("cold", "warm")}
    assert "All random draws come from the seed 3." in methods_paragraph(facts)
    taught = methods_paragraph({**facts, "shipped_labels": {"n_texts": 10}})
    assert "come from the seed 3, but those of what taught the framing score's axis, which come with it." in taught


@pytest.fixture(scope="module")
def labelled_run(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the folder of a run with labels of framing by three coders and two further axes, and its cache."""
    home = tmp_path_factory.mktemp("labelled")
    lines = [HEAD]
    for coder in "abc":
        labels = (ROOT / f"seeds/annotations/coder_{coder}.jsonl").read_text(encoding="utf-8").splitlines()
        lines += [f"{label['id']},{label['framing']},{coder}\n" for label in map(json.loads, labels)]
    path = write(home, "".join(lines))
    stances = ["paragraph_id,target,stance,coder\n"]
    for coder in "abc":
        labels = (ROOT / f"seeds/annotations/coder_{coder}.jsonl").read_text(encoding="utf-8").splitlines()
        for label in map(json.loads, labels):
            stances += [f"{label['id']},{target},{stance},{coder}\n" for target, stance in label["stance"].items()]
    (home / "stance.csv").write_text("".join(stances), encoding="utf-8")
    own_axis(home, "warmth").rename(home / "warmth.yaml")
    (home / "warmth.yaml").write_text(
        (home / "warmth.yaml").read_text()
        + "  - {subject: b, warm: A wonderful match for all., cold: A dismal match for nobody.}\n"
        + "  - {subject: c, warm: A glorious song was sung., cold: A tired song was sung.}\n"
    )
    cache = run_folder.parent / "cache"
    done: subprocess.CompletedProcess[str] = research(
        "run", STUDY, "--set", f"framing.labels={path}",
        "--set", f"stance.labels={home / 'stance.csv'}", "--set", f"axes=[subjectivity, {home / 'warmth.yaml'}]",
        "--set", "figures=[framing_by_document]", "--set", "framing.n_bootstrap=20", "--out", home / "run", cache=cache,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home / "run", cache


def test_labels_and_axes_leave_their_tables(labelled_run: tuple[Path, Path]) -> None:
    folder, _ = labelled_run
    paragraphs = pl.read_parquet(folder / "tables/paragraphs.parquet")
    check_table("paragraphs", paragraphs, TARGETS, ["subjectivity", "warmth"])
    cards = pl.read_parquet(folder / "tables/validity.parquet")
    check_table("validity", cards)
    assert cards["axis"].unique(maintain_order=True).to_list() == ["celebratory", "subjectivity", "warmth"]
    checks = {row["check"]: row for row in cards.filter(pl.col("axis") == "celebratory").to_dicts()}
    assert checks["labels: agreement of the coders (alpha)"]["passed"] is True
    assert checks["labels: Spearman"]["n"] == len(paragraphs)
    assert any(name.startswith("shipped labels") for name in checks)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="validity"' in page and "Labels given by hand to 63 paragraphs of this corpus by 3 coders" in page
    failed = cards.filter((pl.col("axis") == "celebratory") & ~pl.col("passed"))
    assert (f"The axis failed {len(failed)} of its" in page) == bool(len(failed))
    inputs = read_manifest(folder)["inputs"].keys()
    assert {"framing labels: framing.csv", "stance labels: stance.csv", "axis: warmth"} <= inputs


def test_labels_of_stance_move_the_scorer_and_the_report_says_so(
    labelled_run: tuple[Path, Path], run_folder: Path
) -> None:
    folder, _ = labelled_run
    page = html.unescape((folder / "report.html").read_text(encoding="utf-8"))
    assert re.search(
        r"hand to 1\d\d pairs of a paragraph and a target of this corpus by 3 coders \(Krippendorff's", page
    )
    assert re.search(
        r"On the 1\d\d pairs of a paragraph and a target that were coded by hand, each document left out", page
    )
    after, before = map(float, re.findall(r"macro-F1 (0\.\d\d) over the stances [^,]*, (0\.\d\d) before", page)[0])
    assert after > before + 0.1
    assert "only in the words of others in that paragraph" in page
    own, plain = (pl.read_parquet(each / "tables/paragraphs.parquet")["stance_russia"] for each in (folder, run_folder))
    # The scorer hears favor where the coders hear none.
    assert (own == "favor").sum() < 0.7 * (plain == "favor").sum()


def coded(folder: Path, signal: np.ndarray, y: np.ndarray, n_documents: int) -> tuple[HandFraming, Paragraphs]:
    """Give texts of an invented axis, their labels and their documents."""
    table = pl.DataFrame(
        {
            "paragraph_id": [f"d:{row}" for row in range(len(y))],
            "document_id": [f"d{row % n_documents}" for row in range(len(y))],
        }
    )
    rows = "".join(f"d:{row},{2 * value}\n" for row, value in enumerate(y.tolist()))
    texts = [f"{VOICE[0]} Case {row}." for row in range(len(y))]
    labels = HandFraming(write(folder, "paragraph_id,framing\n" + rows))
    return labels, Paragraphs(table, embed(texts, signal, seed=9), None, np.arange(len(y)))


def test_labels_move_an_axis_where_that_helps_documents_left_out(tmp_path: Path) -> None:
    poles = np.tile([-1, 0, 1], 20)
    anchors = embed([VOICE[pole] + f" Case {row}." for row, pole in enumerate(poles)], poles)
    axis = FramingAxis(style=False, n_bootstrap=3).fit(anchors, poles, np.repeat(np.arange(20), 3))
    y = np.tile([-1, 0, 1], 20)
    labels, paragraphs = coded(tmp_path, -y, y, 10)  # the labels say the opposite of the anchors
    moved = teach(axis, labels, paragraphs)
    assert moved is not axis and not hasattr(axis, "out_of_fold_")
    assert spearmanr(axis.predict(paragraphs.embeddings), y)[0] < 0 < spearmanr(moved.out_of_fold_, y)[0]
    assert teach(axis, *coded(tmp_path, -y, y, 1)) is axis, "one document proves nothing"


def test_labels_that_do_not_help_only_check(labelled_run: tuple[Path, Path]) -> None:
    cards = pl.read_parquet(labelled_run[0] / "tables/validity.parquet").filter(pl.col("axis") == "celebratory")
    notes = dict(cards.select("check", "note").iter_rows())
    page = (labelled_run[0] / "report.html").read_text(encoding="utf-8")
    moved = "without the text's document" in (notes["labels: Spearman"] or "")
    assert ("3 coders (Krippendorff&#39;s alpha 0.99) moved it" in page) == moved
    assert ("they did not move it" in page) != moved


def test_every_run_with_framing_has_a_card(run_folder: Path) -> None:
    cards = pl.read_parquet(run_folder / "tables/validity.parquet")
    assert cards["axis"].unique().to_list() == ["celebratory"]
    assert {"texts: correlation with valence", "texts: correlation with subjectivity"} <= set(cards["check"])


def test_it_can_be_verified_and_applied(labelled_run: tuple[Path, Path], tmp_path: Path) -> None:
    folder, cache = labelled_run
    done = research("verify", folder, cache=cache)
    assert done.returncode == 0, done.stderr + done.stdout
    table = folder / "tables/paragraphs.parquet"
    done = research("apply", folder, table, "--out", tmp_path / "out.parquet", cache=cache)
    assert done.returncode == 0, done.stderr
    assert pl.read_parquet(tmp_path / "out.parquet").equals(pl.read_parquet(table))
