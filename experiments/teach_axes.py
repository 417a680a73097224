"""Teach the shipped axes what labels of real paragraphs say, and write the weights beside their anchors.

Question
    How far do labels of real news move the axes that written anchors define, and how well do the moved axes score
    articles that they did not learn from?

Command
    python -m experiments.teach_axes configs/experiments/teach_axes.yaml --set data=FOLDER
Run time
    Three to four minutes on two cores.
Expected
    The table `taught`: for each axis, agreement out of fold by article, before and after. With `write: true` the files
    NAME.safetensors and NAME.json in `axes` are replaced; the same input gives the same bytes.

The labels are in configs/labels/news_framing, foreign_news and world_press, and for alarm in news_dangers as well. The
texts are of a corpus that does not come with the project, but for those of world_press, which were written for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from experiments._news_labels import LESSONS, LabelledNews, LabelledNewsSettings, hashes_of, read_news_of
from research import Encoder
from research._taught import write_taught
from research.embedding import default_cache_path
from research.framing import Anchors, FramingAxis
from research.study import Loaded, Outcome, PathValue, experiment_main, file_hash

TITLE = "What labels of real news teach the shipped axes"
METHODS = (
    "Each axis is fitted on its anchors and then moved by the labels of real paragraphs and headlines (ridge logistic "
    "regression of each pole with the anchors' score as offset; the penalty is chosen with articles left out). Small "
    "networks that start from the anchors' score take its place where their log loss, out of bag, is below its own by "
    "more than one standard error. "
    "Agreement is of texts scored without their article, over the sample alone; the supplement only teaches."
)


class Settings(LabelledNewsSettings):
    """What is learned from and where it goes."""

    dangers: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs about dangers.")
    axes: Annotated[str, PathValue("file")] = Field(description="The folder of the axes.")
    write: bool = Field(True, description="Whether the shipped weights are replaced.")
    n_bootstrap: int = Field(100, ge=1, description="Draws that ship with each axis.")
    seed: int = Field(0, ge=0)


def teach(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Fit, learn, judge out of fold, write."""
    settings = loaded.values
    news = read_news_of(loaded, loaded.path(settings.dangers))
    encoder = Encoder(cache=default_cache_path()).load()
    embeddings = encoder.encode(news.texts, progress=progress)
    rows = []
    inputs = hashes_of(news.files)
    files = {name: loaded.path(settings.axes) / f"{name}.yaml" for name in LESSONS}
    anchors = {name: Anchors.load(path) for name, path in files.items()}  # all, before the first is replaced
    for number, (name, path) in enumerate(files.items()):
        progress("axes", number, len(files))
        axis = FramingAxis.from_anchors(
            anchors[name], encoder, n_bootstrap=settings.n_bootstrap, random_state=settings.seed, shipped_labels=False
        )
        known, texts, y, nuisance = news.lesson(name)
        vectors = embeddings.take(known)
        before = axis.scale_.position(axis._features(vectors))
        axis.learn(vectors, y, texts.documents, nuisance, progress)
        found = _judge(name, texts, y, before, axis)
        rows += found
        if settings.write:
            facts = _facts(texts, LESSONS[name].label, found, axis)
            write_taught(path, *axis.to_state(), facts, model_hash=encoder.model_hash_, layers=encoder.layers_)
        inputs[f"axes/{path.name}"] = file_hash(path)
    progress("axes", len(files), len(files))
    table = pl.DataFrame(rows)
    return Outcome(
        tables={"taught": table},
        plots=[],
        findings=_findings(table),
        methods=METHODS,
        notes=[
            "The coders are language models that followed one codebook; they agree more than people would.",
            *news.warnings,
        ],
        inputs=inputs,
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _judge(name: str, news: LabelledNews, y: np.ndarray, before: np.ndarray, axis: FramingAxis) -> list[dict[str, Any]]:
    main = news.main
    rows = []
    n = int(main.sum())
    for what, score, positive, negative in (
        ("anchors", before, before, -before),
        ("anchors and labels, out of fold", axis.out_of_fold_, axis.pole_log_odds_[:, 0], axis.pole_log_odds_[:, 1]),
    ):
        truth = y[main]
        rest = truth <= 0
        measures = {
            "Spearman": float(spearmanr(score[main], truth)[0]),
            "AUROC positive pole against the rest, by the score": float(roc_auc_score(truth > 0, score[main])),
            "AUROC positive pole against the rest, by its own pole": float(roc_auc_score(truth > 0, positive[main])),
        }
        if (truth == 0).any() and len(set(np.sign(truth))) == 3:
            measures |= {
                "AUROC negative pole against plain, by the score": float(
                    roc_auc_score(truth[rest] < 0, -score[main][rest])
                ),
                "AUROC negative pole against plain, by its own pole": float(
                    roc_auc_score(truth[rest] < 0, negative[main][rest])
                ),
            }
        rows += [{"axis": name, "by": what, "measure": key, "value": value, "n": n} for key, value in measures.items()]
    return rows


def _facts(news: LabelledNews, label: str, rows: list[dict[str, Any]], axis: FramingAxis) -> dict[str, Any]:
    return {
        "label": label,
        "n_texts": len(news),
        "n_written": int(news.press.sum()),
        "n_documents": len(set(news.documents)),
        "n_judged": int(news.main.sum()),
        "alpha": round(news.alpha[label], 3),
        "coders": "two language models following the codebooks of configs/labels (news_framing and others)",
        "penalties": None if axis.penalties_ is None else [float(value) for value in axis.penalties_],
        "n_networks": len(axis.scale_.networks_),
        "command": "python -m experiments.teach_axes configs/experiments/teach_axes.yaml --set data=FOLDER",
        "out_of_fold": _rounded(rows, "anchors and labels, out of fold"),
        "anchors_alone": _rounded(rows, "anchors"),
    }


def _rounded(rows: list[dict[str, Any]], by: str) -> dict[str, float]:
    return {row["measure"]: round(row["value"], 3) for row in rows if row["by"] == by}


def _findings(table: pl.DataFrame) -> list[str]:
    said = []
    for name in table["axis"].unique(maintain_order=True):
        before, after = table.filter((pl.col("axis") == name) & (pl.col("measure") == "Spearman"))["value"]
        said.append(
            f"{name}: Spearman with the coders {before:.2f} from anchors, {after:.2f} with labels, out of fold."
        )
    return said


if __name__ == "__main__":
    experiment_main("teach_axes", TITLE, Settings, teach)
