"""A cross-encoder as a further axis of a study: refused where wrong, and through run, verify and apply."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from research.errors import ConfigError, ModelError, ResearchError
from research.framing import CrossEncoderAxis
from research.study import apply_run, read_manifest, run_study, verify_run
from research.study._run import load_study
from tests.embedding.conftest import tiny_cross_encoder
from tests.study.test_system import STUDY, TEXTS

POSITIVE = ["They praised the plan.", "A new era for the region."]
NEGATIVE = ["Critics doubt it.", "Costs rise."]
SECTION = f"""
cross_encoders:
  promise: {{model: ./nli, positive: {json.dumps(POSITIVE)}, negative: {json.dumps(NEGATIVE)}}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a study that has a cross-encoder, run once."""
    home = tmp_path_factory.mktemp("study")
    tiny_cross_encoder(home / "nli", ("entailment", "neutral", "contradiction"))
    (home / "texts").mkdir()
    for name, text in TEXTS.items():
        (home / f"texts/{name}.txt").write_text(text, encoding="utf-8")
    study = STUDY.replace("embedding: {model: ./model}\n", "")
    (home / "study.yaml").write_text(study + SECTION, encoding="utf-8")
    run_study(home / "study.yaml", out=home / "run", cache=home / "vectors.sqlite")
    return home


def test_a_run_scores_on_it_and_can_be_verified_and_applied(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pl.read_parquet(home / "run/tables/paragraphs.parquet")
    texts = table["text"].to_list()
    own = CrossEncoderAxis(home / "nli", POSITIVE, NEGATIVE)
    assert np.array_equal(table["axis_promise"].to_numpy(), own.predict(texts))
    assert (table["axis_promise_low"] <= table["axis_promise"]).all()
    cards = pl.read_parquet(home / "run/tables/validity.parquet")
    assert cards["axis"].unique().to_list() == ["promise"]
    assert "texts: correlation with valence" in cards["check"].to_list()
    facts = read_manifest(home / "run")
    assert facts["inputs"]["cross-encoder: promise"] == own.load().model_hash_
    report = (home / "run/report.html").read_text(encoding="utf-8")
    assert "no labels say how well it does here" in report
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # an empty cache
    verify_run(home / "run")
    applied = apply_run(home / "run", home / "texts/two.txt", cache=home / "other.sqlite")
    expected = table.filter(pl.col("document_id") == "two")["axis_promise"]
    assert applied["axis_promise"].to_list() == expected.to_list()


def test_another_model_under_that_name_is_refused(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    config = tmp_path / "home/nli/config.json"
    config.write_text(config.read_text().replace("entailment", "entails"))
    manifest = tmp_path / "home/run/manifest.json"
    facts = json.loads(manifest.read_text())
    facts["run"]["base"] = str(tmp_path / "home")
    manifest.write_text(json.dumps(facts))
    with pytest.raises(ModelError, match=r"was made with a cross-encoder `promise` of hash \w{12}, but what is found"):
        apply_run(tmp_path / "home/run", home / "texts/two.txt", cache=tmp_path / "vectors.sqlite")


def test_its_path_starts_from_the_file_that_names_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text(f"extends: {home / 'study.yaml'}\n", encoding="utf-8")
    loaded = load_study(tmp_path / "below.yaml")
    assert loaded.path(loaded.values.cross_encoders["promise"].model).resolve() == (home / "nli").resolve()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: ./nli", "model: ./none", "key `cross_encoders.promise.model` is ./none, which is no folder"),
        ("model: ./nli, ", "", "key `cross_encoders.promise.model` is missing"),
        ("model: ./nli", "models: ./nli", "key `cross_encoders.promise.models` is not known (did you mean `model`?)"),
        ("They praised the plan.", "Costs rise.", "key `cross_encoders.promise`: the statement 'Costs rise.' comes"),
        ('"Critics doubt it.", ', "", "key `cross_encoders.promise.negative` is"),
        ("praised the plan", "praised {target}", "has a statement with {target}, which a study does not fill in"),
        ("promise:", "Promise:", "the name 'Promise' must be lower-case"),
        ("promise:", "alarm:", "key `cross_encoders.alarm` and alarm would both give the column axis_alarm"),
        ("./nli, ", "./nli, max_length: 900, ", "`max_length` is 900; the model in"),
    ],
)
def test_a_wrong_section_is_refused_before_any_work(home: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(home / "texts", tmp_path / "texts")
    (tmp_path / "nli").symlink_to(home / "nli")
    text = (home / "study.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "study.yaml").write_text(text.replace(old, new, 1) + "axes: [alarm]\n", encoding="utf-8")
    with pytest.raises(ResearchError) as error:
        run_study(tmp_path / "study.yaml", out=tmp_path / "run", cache=tmp_path / "vectors.sqlite")
    assert said in str(error.value) and "\n" not in str(error.value)
    assert isinstance(error.value, ConfigError | ModelError)
    assert not (tmp_path / "run").exists()
