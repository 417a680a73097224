"""The theme benchmark's machinery: runs that are kept, what a run's labels mean, and what counts as reached."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from experiments import _peer_worker
from experiments._peer_runs import Run, Runs, Texts
from experiments._theme_benchmark_figures import agreement_dots
from experiments._theme_corpora import Corpora
from experiments._theme_findings import findings, targets_table
from experiments._theme_plan import Entry, agreement, between_orders, between_seeds, discovery
from experiments._theme_tables import discovery_table, draws_table, runs_table, single_words
from experiments.theme_benchmark import Settings
from research.errors import InputError
from research.study import load_config

ROOT = Path(__file__).resolve().parents[2]
VECTORS = np.repeat(np.eye(3, 4, dtype=np.float32), 4, axis=0)
GOLD = tuple("aaaabbbbcccc")


def quiet(label: str, done: int, total: int) -> None:
    pass


def corpus(name: str = "tiny") -> Texts:
    return Texts(name, tuple(f"text {row}" for row in range(12)), GOLD, "model", lambda texts: VECTORS)


def runs(folder: Path) -> Runs:
    return Runs(folder, folder / "no/such/python", ROOT / "requirements-peers.txt", 30, quiet)


def jobs(folder: Path, *named: dict[str, Any]) -> list[dict[str, Any]]:
    plain = {"settings": {}, "seed": 0, "order": 0, "rows": None, "limit": 5}
    listed = [{**plain, **job, "out": str(folder / f"{number}.json")} for number, job in enumerate(named)]
    (folder / "texts.json").write_text(json.dumps([f"text {row}" for row in range(12)]))
    (folder / "jobs.json").write_text(json.dumps(listed))
    np.save(folder / "vectors.npy", np.arange(24.0).reshape(12, 2))
    return listed


def test_labels_come_back_in_the_order_of_the_texts(tmp_path: Path) -> None:
    listed = jobs(tmp_path, {"system": "first"}, {"system": "first", "order": 3}, {"system": "first", "rows": [7, 2]})

    def first(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
        assert [int(text.split()[1]) * 2 for text in texts] == vectors[:, 0].tolist()
        return vectors[:, 0] // 2, [["word", ""]]

    _peer_worker.work(tmp_path, {"first": first}, {"first": ()})
    found = [json.loads(Path(job["out"]).read_text()) for job in listed]
    assert found[0]["labels"] == found[1]["labels"] == list(range(12))
    assert found[2]["labels"] == [7, 2]
    assert found[0]["keywords"] == [["word"]]


def test_a_crash_and_a_run_without_end_are_results(tmp_path: Path) -> None:
    listed = jobs(tmp_path, {"system": "crash"}, {"system": "endless", "limit": 0.2}, {"system": "fine"})

    def crash(*given: Any) -> Any:
        raise ValueError("too few\ntexts")

    def endless(*given: Any) -> Any:
        while True:
            pass

    def fine(texts: list[str], *given: Any) -> Any:
        return [0] * len(texts), []

    systems: dict[str, Any] = {"crash": crash, "endless": endless, "fine": fine}
    _peer_worker.work(tmp_path, systems, dict.fromkeys(systems, ()))
    found = [json.loads(Path(job["out"]).read_text()) for job in listed]
    assert [each["failed"] for each in found] == ["ValueError: too few texts", "took longer than 0.2 seconds", None]
    assert [each["labels"] for each in found] == [None, None, [0] * 12]


def test_runs_are_made_once_and_listed_by_hash(tmp_path: Path) -> None:
    wanted = [Run("one_cluster"), Run("kmeans", (("n_clusters", 3),)), Run("kmeans", (("n_clusters", 0),))]
    first = runs(tmp_path)
    made = first.make(corpus(), wanted)
    assert made[wanted[0]]["labels"] == [0] * 12
    assert agreement(made[wanted[1]]["labels"], GOLD)["ari"] == 1
    assert "n_clusters" in made[wanted[2]]["failed"]
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    again = runs(tmp_path)
    assert again.make(corpus(), wanted) == made
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == stamps
    assert again.inputs() == first.inputs() != {}
    next(iter(stamps)).write_text(json.dumps({**made[wanted[0]], "seconds": 99}))
    changed = runs(tmp_path)
    changed.make(corpus(), wanted)
    assert changed.inputs() != first.inputs()


def test_other_texts_settings_seeds_orders_and_draws_are_other_runs(tmp_path: Path) -> None:
    made = runs(tmp_path)
    plain = Run("kmeans", (("n_clusters", 3),))
    others = [
        Run("kmeans", (("n_clusters", 2),)),
        Run("kmeans", plain.settings, 1),
        Run("kmeans", plain.settings, 0, 1),
    ]
    others += [Run("kmeans", plain.settings, draw=0, size=5), Run("kmeans", plain.settings, draw=1, size=5)]
    other = Texts("tiny", (*corpus().texts[:-1], "other"), GOLD, "model", lambda texts: VECTORS)
    places = [made._place(corpus(), run) for run in [plain, *others]] + [made._place(other, plain)]
    assert len(set(places)) == len(places)


def test_a_dead_process_is_a_result_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runs(tmp_path)
    wanted = [Run("one_cluster"), Run("one_cluster", seed=1)]
    watch, calls = Runs._watch, []

    def dies_first(self: Runs, *given: Any) -> str:
        calls.append(1)
        return "exit -9: Killed" if len(calls) == 1 else watch(self, *given)

    monkeypatch.setattr(Runs, "_watch", dies_first)
    found = made.make(corpus(), wanted)
    assert found[wanted[0]]["failed"] == "the process died (exit -9: Killed)"
    assert found[wanted[1]]["labels"] == [0] * 12


def test_missing_peers_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make peers"):
        runs(tmp_path).make(corpus(), [Run("bertopic")])


def test_missing_corpora_are_named(tmp_path: Path) -> None:
    found = Corpora(tmp_path, tmp_path, tmp_path, tmp_path / "vectors", None, 10, quiet)
    with pytest.raises(InputError, match=r"bbc_octis\.jsonl\.gz, newsgroups\.jsonl\.gz not found; key `data`"):
        found.check(["bbc_octis", "seeds", "newsgroups"])


def test_vectors_that_are_there_are_taken_and_recorded(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bbc_octis.jsonl.gz", "wt") as file:
        file.writelines(json.dumps({"text": text, "label": "a"}) + "\n" for text in ("one", " "))
    np.save(tmp_path / "bbc_octis.npy", np.eye(2))
    found = Corpora(tmp_path, tmp_path, tmp_path, tmp_path / "vectors", tmp_path, 10, quiet)
    read = found.read("bbc_octis")
    assert read.texts == ("one", "(empty)")
    assert read.vectors.tolist() == np.eye(2).tolist()
    assert read.model == found.files["ready/bbc_octis.npy"]
    np.save(tmp_path / "bbc_octis.npy", np.eye(3))
    with pytest.raises(InputError, match="a row for each of 2 texts"):
        Corpora(tmp_path, tmp_path, tmp_path, tmp_path / "vectors", tmp_path, 10, quiet).read("bbc_octis")


def test_texts_without_a_theme_count_as_one_theme_and_those_without_a_label_not_at_all() -> None:
    found = agreement([0, 0, -1, -1, 5], ["a", "a", "b", "b", None])
    assert found["ami"] == found["ari"] == 1
    assert agreement([0, 0, -1, -1], ["a", "a", "b", "c"])["ari_assigned"] == 1
    assert agreement([-1, -1], ["a", "b"])["ami_assigned"] is None


def test_discovery_searches_and_measures_stability(tmp_path: Path) -> None:
    entries = discovery(
        runs(tmp_path), corpus(), ["kmeans"], {"kmeans": [{"n_clusters": 2}, {"n_clusters": 3}]}, 2, 1, []
    )
    best = [entry for entry in entries if entry.role == "best"]
    assert [entry.run.settings for entry in best] == [(("n_clusters", 3),)] * 2
    table = discovery_table(entries)
    row = table.filter(pl.col("role") == "best").to_dicts()[0]
    assert row["ami"] == row["between_seeds"] == 1
    assert table.filter(pl.col("system") == "kmeans", pl.col("role") == "default").item(0, "failed") is not None


def entry(labels: list[int] | None, seed: int = 0, order: int = 0, question: str = "discovery") -> Entry:
    result = {"labels": labels, "failed": None if labels else "no", "seconds": 1.0, "import_seconds": 0.0, "peak_mb": 1}
    names = ("ami", "ari", "fmi", "ami_assigned", "ari_assigned", "fmi_assigned")
    scores: dict[str, float | None] = dict.fromkeys(names, 0.5 if labels else None)
    return Entry("tiny", question, "default", Run("ours", (), seed, order), result, scores)


def test_stability_compares_seeds_and_orders_apart() -> None:
    entries = [entry([0, 0, 1, 1]), entry([1, 1, 0, 0], seed=1), entry([0, 1, 0, 1], order=1)]
    assert between_seeds(entries) == 1
    assert between_orders(entries) == pytest.approx(-0.5)
    assert between_seeds(entries[:1]) is None
    assert between_orders(entries[:2]) is None


def test_a_draw_that_failed_scores_nothing() -> None:
    table = draws_table([entry([0, 1], question="draws"), entry(None, question="draws")])
    assert table.item(0, "ami") == 0.25
    assert table.item(0, "n_failed") == 1
    assert table.item(0, "ami_low") < 0.25 < table.item(0, "ami_high")


def test_phrases_count_as_their_words_and_ten_are_taken() -> None:
    vocabulary = {"prime", "minister", *map(str, range(20))}
    found = single_words(["prime minister", "minister", "Leeds", *map(str, range(20))], vocabulary)
    assert found == ["prime", "minister", *map(str, range(8))]


def test_targets_say_what_was_reached_and_who_is_better() -> None:
    columns = ("corpus", "system", "role", "ami", "ari", "fmi", "between_seeds", "between_orders")
    rows = [
        ("bbc_octis", "ours", "default", 0.84, 0.80, 0.9, 0.99, 1.0),
        ("bbc_octis", "topeax", "best", 0.76, 0.81, 0.8, 0.9, 0.7),
    ]
    speed = pl.DataFrame({
        "system": ["ours", "bertopic"], "seconds": [30.0, 40.0], "peak_mb": [900, 800], "without_theme": [0.0, 0.4]
    })  # fmt: skip
    tables = {"discovery": pl.DataFrame(rows, schema=list(columns), orient="row"), "speed": speed}
    table = targets_table(tables)
    found = {(row["corpus"], row["measure"]): row for row in table.to_dicts()}
    assert found["bbc_octis", "AMI"]["reached"] and found["bbc_octis", "AMI"]["above_every_peer"]
    assert found["bbc_octis", "AMI"]["best_peer"] == "Topeax (best)"
    assert not found["bbc_octis", "ARI"]["reached"] and not found["bbc_octis", "ARI"]["above_every_peer"]
    assert found["allsides_news", "seconds"]["reached"]
    assert found["allsides_news", "share without a theme"]["above_every_peer"]
    assert not found["allsides_news", "peak memory, MB"]["above_every_peer"]
    said = findings({**tables, "targets": table})
    assert any("AMI: 0.840 (reached: 0.830); best peer Topeax (best) 0.760" in sentence for sentence in said)


def test_steady_answers_are_no_merit_by_themselves() -> None:
    columns = ("corpus", "system", "role", "ami", "ari", "fmi", "between_seeds", "between_orders")
    rows = [
        ("seeds", "ours", "default", 0.4, 0.3, 0.4, 0.99, 1.0),
        ("seeds", "keynmf", "default", 0.0, 0.0, 0.3, 1.0, 1.0),
    ]
    table = targets_table({"discovery": pl.DataFrame(rows, schema=list(columns), orient="row")})
    steady = table.filter(pl.col("question") == "stability")
    assert steady["reached"].to_list() == [True, True]
    assert steady["above_every_peer"].null_count() == 2


def test_questions_that_were_not_asked_are_left_out() -> None:
    assert targets_table({}).is_empty()
    assert findings({"targets": targets_table({})})[0].startswith("0 of 0")


def test_the_figure_draws_every_scored_run_but_the_search() -> None:
    table = runs_table([entry([0, 1]), entry([0, 1], seed=1), entry([0, 1], order=1)])
    assert agreement_dots(table) is None  # no corpus of the benchmark
    plot = agreement_dots(table.with_columns(pl.lit("seeds").alias("corpus")))
    assert plot is not None and len(plot.data) == 2


def test_the_configuration_is_one_that_the_benchmark_takes() -> None:
    settings = load_config(ROOT / "configs/experiments/theme_benchmark.yaml", Settings).values
    assert settings.corpora["bbc_octis"] is not None
    without = load_config(ROOT / "configs/experiments/theme_benchmark.yaml", Settings, ["corpora.newsgroups=null"])
    assert without.values.corpora["newsgroups"] is None


def test_a_figure_missed_by_less_than_is_printed_says_by_how_much() -> None:
    columns = ("corpus", "system", "role", "ami", "ari", "fmi", "between_seeds", "between_orders")
    rows = [("congress_bills", "ours", "default", 0.4796, 0.4, 0.4, 1.0, 1.0)]
    tables = {"discovery": pl.DataFrame(rows, schema=list(columns), orient="row")}
    said = findings({**tables, "targets": targets_table(tables)})
    assert any("AMI: 0.480 (not reached: 0.480, missed by 0.0004)" in sentence for sentence in said)


def test_peak_memory_is_the_programs_own_and_not_of_the_one_that_started_it() -> None:
    child = "from experiments._peer_worker import _peak_mb; print(_peak_mb())"
    parent = (
        "import subprocess, sys; held = b'x' * (400 << 20); "
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    )
    found = subprocess.run([sys.executable, "-c", parent], check=True, capture_output=True, text=True)
    assert 5 < int(found.stdout) < 300
