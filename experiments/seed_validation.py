"""Do the scores on the five documents agree with what the coders said.

Question
    Segmentation, themes, framing and stance of the paragraphs in `seeds/`: how far do they match three coders' labels?

Command
    python -m experiments.seed_validation configs/experiments/seed_validation.yaml
Run time
    About a minute on two cores, most of it UMAP compiling; the second run embeds nothing.
The anchors were written from the codebook alone and committed before any score was looked at; every later change to
them or to the method, with its effect, is in the log at the end of docs/anchor_log.md. The coders are language models
that followed one codebook: they agree more than people would, and agreement with them is agreement with that reading.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field
from sklearn.base import clone

from experiments._validation_figures import framing_scatter, segmentation_counts, stance_bars, theme_bars
from research.errors import InputError
from research.inference import clustered_interval, gold_labels, krippendorff_alpha, macro_f1, spearman_interval
from research.study import (
    Analysis,
    Loaded,
    Outcome,
    PathValue,
    Section,
    analyse,
    experiment_main,
    file_hash,
    load_study,
    write_config,
)
from research.themes import mean_average_precision

TITLE = "Agreement of the scores on the five documents with the coders"
METHODS = (
    "Segmentation is judged by the lines given the coders' kind and by the paragraphs found. Themes are judged by how "
    "often a paragraph's first theme is one of its gold themes, and by the mean over themes of the average precision "
    "of the theme's score. Framing is judged by Spearman's rank correlation with the coders' median; its interval "
    "resamples documents. Stance is judged by macro-F1 over the classes with enough gold labels, beside the answer "
    "that always gives the most frequent class. Gold labels are the themes that two of three coders named, the median "
    "framing and the majority stance."
)
_NO_THEME = "none"


class Settings(Section):
    """What the experiment reads and how it resamples."""

    study: Annotated[str, PathValue("file")] = Field(description="The study whose scores are judged.")
    annotations: Annotated[str, PathValue("file")] = Field(description="The folder with units and coders' labels.")
    min_gold: int = Field(5, ge=1, description="A stance class counts where so many gold labels have it.")
    n_resamples: int = Field(2000, ge=100, description="Bootstrap resamples of documents.")
    seed: int = Field(0, ge=0, description="Where every random draw comes from.")


def judge(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Score the documents and hold the scores against the labels."""
    settings = loaded.values
    folder = loaded.path(settings.annotations)
    files = {name: folder / name for name in ("units.jsonl", "coder_a.jsonl", "coder_b.jsonl", "coder_c.jsonl")}
    for path in files.values():
        if not path.is_file():
            raise InputError(f"{path}: no such file; key `annotations` must name the folder with the coders' labels")
    units = _json_lines(files["units.jsonl"])
    coders = [_json_lines(path) for name, path in files.items() if name != "units.jsonl"]
    gold = gold_labels(coders)

    study = load_study(loaded.path(settings.study))
    if study.values.framing is None or study.values.stance is None or study.values.themes.codebook is None:
        raise InputError(
            f"{study.source}: the labels are about a codebook, framing and stance; the study must have all"
        )
    analysis = analyse(study, progress=progress)
    table = analysis.tables["paragraphs"]
    rows: list[dict[str, Any]] = []

    kinds = _kinds(analysis, units)
    rows += _segmentation(kinds, units)
    found = table.filter(pl.col("paragraph_id").is_in([label["id"] for label in gold]))
    order = {name: row for row, name in enumerate(table.get_column("paragraph_id").to_list())}
    labels = [label for label in gold if label["id"] in order]
    places = np.array([order[label["id"]] for label in labels])
    rows.append(_row("coverage", "coded paragraphs that the corpus stage found", None, len(found), len(gold)))

    theme_rows, theme_table = _themes(analysis, labels, places, settings)
    framing_rows, framing_table = _framing(table, labels, places, settings)
    stance_rows, stance_table = _stance(analysis, labels, places, settings)
    rows += theme_rows + framing_rows + stance_rows + _agreement(coders)
    validation = pl.DataFrame(rows, schema=_SCHEMA)
    return Outcome(
        tables={
            "validation": validation,
            "kinds": kinds,
            "framing": framing_table,
            "themes": theme_table,
            "stance": stance_table,
            "gold": _gold_table(gold),
        },
        plots=[
            segmentation_counts(kinds),
            theme_bars(theme_table, validation),
            framing_scatter(framing_table, validation, analysis.wording().confidence),
            stance_bars(stance_table, settings.min_gold),
        ],
        findings=_findings(validation),
        methods=METHODS,
        notes=[
            "The coders are language models that followed one codebook; they agree more than people would, so "
            "agreement with them says less than agreement with people would.",
            f"{len(set(table['document_id']))} documents: the intervals resample as many units and are rough.",
        ],
        inputs={
            "study, every value resolved": sha256(write_config(study.values).encode()).hexdigest(),
            **analysis.inputs(),
            **{f"annotations/{name}": file_hash(path) for name, path in files.items()},
        },
        model=analysis.models.encoder,
    )


_SCHEMA = {
    "stage": pl.String,
    "measure": pl.String,
    "subject": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "baseline": pl.Float64,
    "n": pl.Int64,
    "note": pl.String,
}


def _row(stage: str, measure: str, subject: str | None, value: float, n: int, **more: Any) -> dict[str, Any]:
    missing = value != value
    return {
        "stage": stage,
        "measure": measure,
        "subject": subject,
        "value": None if missing else float(value),
        "low": None,
        "high": None,
        "baseline": None,
        "n": n,
        "note": None,
        **more,
    }


def _json_lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError:
                raise InputError(f"{path}, line {number}: this is not JSON; each line must hold one object") from None
    return rows


def _kinds(analysis: Analysis, units: list[dict[str, Any]]) -> pl.DataFrame:
    """Give each line's kind by the coders and by the rules."""
    gold = pl.DataFrame([{"document_id": u["document"], "line": u["line"], "gold": u["kind"]} for u in units])
    ours = analysis.tables["units"].select("document_id", "line", "kind", "reason")
    return gold.join(ours, on=["document_id", "line"], how="full", coalesce=True).sort("document_id", "line")


def _segmentation(kinds: pl.DataFrame, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    agree = int((kinds["gold"] == kinds["kind"]).sum())
    paragraphs = kinds.filter(pl.col("gold") == "paragraph")
    extra = len(kinds.filter((pl.col("kind") == "paragraph") & (pl.col("gold") != "paragraph")))
    hit = len(paragraphs.filter(pl.col("kind") == "paragraph"))
    return [
        _row("segmentation", "lines given the gold kind", None, agree, len(units)),
        _row("segmentation", "gold paragraphs found", None, hit, len(paragraphs)),
        _row("segmentation", "paragraphs that are none", None, extra, len(units)),
    ]


def _themes(
    analysis: Analysis, labels: list[dict[str, Any]], places: np.ndarray, settings: Any
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    table = analysis.tables["paragraphs"]
    model = analysis.models.themes
    names = model.theme_table().get_column("theme").to_list()
    scores = model.decision_function(analysis.paragraphs.embeddings)[places]
    gold = [set(label["themes"]) - {_NO_THEME} for label in labels]
    themed = [number for number, each in enumerate(gold) if each]
    first = table.get_column("theme").gather(places).to_list()
    hits = np.array([first[number] in gold[number] for number in themed], dtype=float)
    documents = [labels[number]["id"].split(":")[0] for number in themed]
    chosen = clustered_interval(
        lambda rows: float(hits[rows].mean()), documents, n_resamples=settings.n_resamples, random_state=settings.seed
    )
    truth = [gold[number] for number in themed]
    precision = mean_average_precision(scores[themed], truth, names)
    assigned = [set((each or "").split(";")) - {""} for each in table.get_column("themes").gather(places).to_list()]
    listed = [
        {
            "theme": name,
            "n_gold": sum(name in each for each in gold),
            "average_precision": _average_precision(scores[themed][:, column], [name in each for each in truth]),
            "precision": _share(
                sum(name in a and name in g for a, g in zip(assigned, gold, strict=True)),
                sum(name in a for a in assigned),
            ),
            "recall": _share(
                sum(name in a and name in g for a, g in zip(assigned, gold, strict=True)), sum(name in g for g in gold)
            ),
        }
        for column, name in enumerate(names)
        if model.theme_table().filter(pl.col("theme") == name).item(0, "source") == "codebook"
    ]
    theme_table = pl.DataFrame(listed)
    rows = [
        _row(
            "themes",
            "first theme among the gold themes",
            None,
            hits.sum(),
            len(hits),
            low=None if chosen.low is None else chosen.low * len(hits),
            high=None if chosen.high is None else chosen.high * len(hits),
        ),
        _row("themes", "mean average precision over themes", None, precision, theme_table["average_precision"].count()),
        _row(
            "themes",
            "first theme among the gold themes, taught by the other documents' labels",
            None,
            sum(each in gold[number] for number, each in _taught_by_others(analysis, gold, places) if gold[number]),
            len(hits),
        ),
    ]
    return rows, theme_table


def _taught_by_others(analysis: Analysis, gold: list[set[str]], places: np.ndarray) -> list[tuple[int, str | None]]:
    """Give each coded paragraph's number and first theme, by the codebook and the labels of the other documents."""
    table, embeddings = analysis.tables["paragraphs"], analysis.paragraphs.embeddings
    documents = table.get_column("document_id").to_list()
    found: list[tuple[int, str | None]] = []
    for held in sorted(set(documents)):
        known = {row: sorted(each) for row, each in zip(places.tolist(), gold, strict=True) if documents[row] != held}
        distinct = analysis.paragraphs.distinct.tolist()
        model = clone(analysis.models.themes).fit(
            embeddings.take(distinct),
            labels=[known.get(row) for row in distinct],
            documents=[documents[row] for row in distinct],
        )
        numbers = [number for number, row in enumerate(places.tolist()) if documents[row] == held]
        first = model.assign(embeddings.take(places[numbers])).get_column("theme").to_list()
        found += zip(numbers, first, strict=True)
    return found


def _average_precision(scores: np.ndarray, truth: list[bool]) -> float | None:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores)) if any(truth) else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _framing(
    table: pl.DataFrame, labels: list[dict[str, Any]], places: np.ndarray, settings: Any
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    frame = table[places.tolist()].select("paragraph_id", "document_id", "framing", "framing_low", "framing_high")
    frame = frame.with_columns(pl.Series("gold", [float(label["framing"]) for label in labels]))
    agreement = spearman_interval(
        frame["framing"].to_numpy(),
        frame["gold"].to_numpy(),
        frame["document_id"].to_list(),
        n_resamples=settings.n_resamples,
        random_state=settings.seed,
    )
    rows = [
        _row(
            "framing",
            "Spearman with the coders' median",
            None,
            agreement.estimate,
            len(frame),
            low=agreement.low,
            high=agreement.high,
        )
    ]
    means = frame.group_by("document_id").agg(pl.col("framing").mean(), pl.col("gold").mean()).sort("document_id")
    rank = " > ".join(means.sort("framing", descending=True)["document_id"])
    gold_rank = " > ".join(means.sort("gold", descending=True)["document_id"])
    for document, score, coded in means.iter_rows():
        rows.append(
            _row(
                "framing",
                "document's mean score (baseline: the coders' mean, -2 to 2)",
                document,
                score,
                len(frame.filter(pl.col("document_id") == document)),
                baseline=coded,
            )
        )
    rows.append(
        _row(
            "framing",
            "documents in the coders' order",
            None,
            float(rank == gold_rank),
            len(means),
            note=f"scores: {rank}; coders: {gold_rank}",
        )
    )
    for code in sorted(frame["gold"].unique()):
        scores = frame.filter(pl.col("gold") == code)["framing"]
        rows.append(
            _row(
                "framing",
                "median score of paragraphs by the coders' median",
                f"{code:+g}",
                scores.median(),
                len(scores),
            )
        )
    covered = ((frame["framing_low"] <= frame["gold"] / 2) & (frame["gold"] / 2 <= frame["framing_high"])).sum()
    rows.append(_row("framing", "intervals that hold half the coders' median", None, covered, len(frame)))
    return rows, frame


def _stance(
    analysis: Analysis, labels: list[dict[str, Any]], places: np.ndarray, settings: Any
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    table = analysis.tables["paragraphs"]
    rows, listed = [], []
    for target in analysis.models.targets:
        predicted = table.get_column(f"stance_{target.name}").gather(places).to_list()
        gold = [label["stance"].get(target.name) for label in labels]
        judged = [number for number, each in enumerate(gold) if each is not None]
        truth, guess = [gold[number] for number in judged], [predicted[number] for number in judged]
        value, classes = macro_f1(truth, guess, settings.min_gold)
        majority = max(sorted(set(truth)), key=truth.count)
        baseline, _ = macro_f1(truth, [majority] * len(truth), settings.min_gold)
        present, _ = macro_f1([each != "absent" for each in truth], [each != "absent" for each in guess], 1)
        note = f"classes: {', '.join(sorted(map(str, classes)))}; majority: {majority}"
        rows.append(
            _row(
                "stance",
                "macro-F1 (baseline: the majority class)",
                target.name,
                value,
                len(truth),
                baseline=baseline,
                note=note,
            )
        )
        rows.append(_row("stance", "macro-F1 of mentioned against absent", target.name, present, len(truth)))
        listed.append(
            {
                "target": target.name,
                "label": target.label,
                "macro_f1": None if value != value else value,
                "majority_macro_f1": None if baseline != baseline else baseline,
                "mention_macro_f1": present,
                "classes": ";".join(sorted(map(str, classes))),
                "n": len(truth),
            }
        )
    return rows, pl.DataFrame(listed)


def _agreement(coders: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    framing = np.array([[label["framing"] for label in coder] for coder in coders], dtype=float)
    primary = np.array([[label["themes"][0] for label in coder] for coder in coders], dtype=object)
    n = framing.shape[1]
    return [
        _row("coders", "Krippendorff's alpha, framing (ordinal)", None, krippendorff_alpha(framing, "ordinal"), n),
        _row(
            "coders", "Krippendorff's alpha, primary theme (nominal)", None, krippendorff_alpha(primary, "nominal"), n
        ),
    ]


def _gold_table(gold: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "paragraph_id": label["id"],
                "themes": ";".join(label["themes"]),
                "framing": float(label["framing"]),
                **{f"stance_{target}": value for target, value in label["stance"].items()},
            }
            for label in gold
        ]
    )


def _findings(validation: pl.DataFrame) -> list[str]:
    def value(stage: str, measure: str) -> dict[str, Any]:
        return validation.filter((pl.col("stage") == stage) & pl.col("measure").str.starts_with(measure)).to_dicts()[0]

    kinds, found = value("segmentation", "lines given"), value("segmentation", "gold paragraphs")
    first, precision = value("themes", "first theme"), value("themes", "mean average")
    framing = value("framing", "Spearman")
    stance = validation.filter((pl.col("stage") == "stance") & pl.col("baseline").is_not_null())
    listed = ", ".join(
        f"{target} {score:.2f} (majority {base:.2f})"
        for target, score, base in stance.select("subject", "value", "baseline").iter_rows()
    )
    return [
        f"Segmentation: {found['value']:.0f} of {found['n']} paragraphs found, {kinds['value']:.0f} of {kinds['n']} "
        "lines of the gold kind.",
        f"Themes: the first theme is a gold theme for {first['value']:.0f} of {first['n']} paragraphs; mean average "
        f"precision {precision['value']:.2f} over {precision['n']} themes.",
        f"Framing: Spearman {framing['value']:.2f} [{framing['low']:.2f}, {framing['high']:.2f}] with the coders' "
        f"median, n = {framing['n']} paragraphs.",
        f"Stance, macro-F1: {listed}.",
    ]


if __name__ == "__main__":
    experiment_main("seed_validation", TITLE, Settings, judge)
