"""Teach the shipped stance scorer what labels of real sentences say, and write its weights beside the anchors.

Question
    How far do labels of real news move the scorer that written anchors define, and how well does it then label
    mentions in articles that it did not learn from?

Command
    python -m experiments.teach_stance configs/experiments/teach_stance.yaml --set data=FOLDER
Run time
    About fifteen minutes on two cores.
Expected
    The table `taught`: agreement out of fold by article, from the anchors alone and with the labels. With `write: true`
    the files stance.safetensors and stance.json in `axes` are replaced; the same input gives the same bytes.

The labels are in configs/labels: news_stance (names in sentences), news_things (policies, deals, groups and the like),
news_headlines, three folders of paragraphs (the mentions of a target in a paragraph each have the label of the whole)
and world_press (so have those of its targets). All texts but the last are of a corpus that does not come with the
project; sentences of NewsMTSC were left out of the draws and are in no paragraph (labels of which one is are
refused), so that NewsMTSC can judge what they teach. Those of the last were written for the project. Mentions with
a name of a known kind are taught under other names as well (`experiments/_other_names.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from annotated_types import Ge
from pydantic import Field
from sklearn.metrics import f1_score, recall_score

from experiments._news_labels import hashes_of
from experiments._other_names import Lesson, Names, lesson_of
from experiments._stance_corpora import (
    LabelledMentions,
    LabelledMentionsSettings,
    joined,
    read_mentions_of,
    read_newsmtsc,
    refuse_shared,
    without_repeats,
)
from research import Encoder
from research._taught import write_taught
from research.stance import StanceAnchors, StanceScorer, mark_mentions, mention_features
from research.study import Loaded, Outcome, PathValue, experiment_main, file_hash

TITLE = "What labels of real sentences teach the shipped stance scorer"
METHODS = (
    "The scorer is fitted on its anchors and learns from mentions labelled by two coders (their mean), those with a "
    "name of a known kind under other names as well, and from each name in a sentence that only names it. Small "
    "networks give the poles; the three stances weigh the same within each kind of text. Agreement is of mentions in "
    "news, scored by networks that saw nothing of their article, each label that of the largest share; a mention on "
    "which the coders differ counts as neutral. The texts that were written for the purpose teach, and are not judged."
)

_ALL = "all news"


class Settings(LabelledMentionsSettings):
    """What is learned from and where it goes."""

    axes: Annotated[str, PathValue("file")] = Field(description="The folder of the axes.")
    write: bool = Field(True, description="Whether the shipped weights are replaced.")
    names: Annotated[str, PathValue("file")] = Field(description="The file of names that can stand for one another.")
    copies: int = Field(2, ge=0, description="Copies of a mention under other names.")
    networks: Literal[0] | Annotated[int, Ge(2)] = Field(
        8, description="Small networks in place of ridge regressions; 0 for none."
    )
    seed: int = Field(0, ge=0)


def teach(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Fit, learn, judge out of fold, write."""
    settings = loaded.values
    parts = read_mentions_of(loaded)
    labelled, rows_of = without_repeats(joined(*parts))
    sources = np.repeat([part.files[0].parent.name for part in parts], [len(part) for part in parts])[rows_of]
    refuse_shared(labelled, read_newsmtsc(loaded.path(settings.data)))
    path = loaded.path(settings.axes) / "stance.yaml"
    encoder = Encoder().load()
    scorer = StanceScorer.from_anchors(
        StanceAnchors.load(path),
        encoder,
        n_networks=settings.networks,
        random_state=settings.seed,
        shipped_labels=False,
    )
    names = loaded.path(settings.names)
    lesson = lesson_of(labelled, Names.load(names), settings.copies, settings.seed)
    texts, positions = lesson.mentions.texts, lesson.mentions.positions
    mentions = mark_mentions(texts, positions)
    features = mention_features(encoder.encode(texts, spans=mentions.spans, progress=progress), mentions)
    rows = _judge("anchors", labelled, sources, scorer.predict_shares(features[: len(labelled)]))
    taught = lesson.mentions
    scorer.learn(
        features,
        taught.y,
        taught.documents,
        sample_weight=lesson.weights,
        judge_weight=lesson.judges,
        progress=progress,
    )
    rows += _judge("anchors and labels, out of fold", labelled, sources, scorer.out_of_fold_[: len(labelled)])
    table = pl.DataFrame(rows)
    if settings.write:
        facts = _facts(labelled, lesson, [part.alpha for part in parts], scorer, table)
        write_taught(path, *scorer.to_state(), facts, model_hash=encoder.model_hash_, layers=encoder.layers_)
    before, after = table.filter(pl.col("of") == _ALL, pl.col("measure") == "macro-F1")["value"]
    return Outcome(
        tables={"taught": table},
        plots=[],
        findings=[
            f"Macro-F1 with the coders {before:.2f} from anchors, {after:.2f} with labels, out of fold by article."
        ],
        methods=METHODS,
        notes=[
            "The coders are language models that followed the same codebooks; they agree more than people would.",
            "In paragraphs a target's mentions have one label, and each counts as a case.",
        ],
        inputs={
            **hashes_of(labelled.files),
            f"labels/{names.name}": file_hash(names),
            f"axes/{path.name}": file_hash(path),
        },
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _judge(by: str, labelled: LabelledMentions, sources: np.ndarray, shares: np.ndarray) -> list[dict[str, Any]]:
    news = np.array(labelled.split) != "press"  # written texts teach, and are no evidence of how news is read
    groups = {_ALL: news, **{name: sources == name for name in dict.fromkeys(sources[news].tolist())}}
    rows = []
    for name, those in groups.items():
        guess, truth = shares[those].argmax(axis=1) - 1, labelled.classes[those]
        measures = {
            "macro-F1": float(f1_score(truth, guess, average="macro")),
            "macro recall": float(recall_score(truth, guess, average="macro")),
            "accuracy": float((truth == guess).mean()),
        }
        rows += [
            {"by": by, "of": name, "measure": key, "value": value, "n": len(truth)} for key, value in measures.items()
        ]
    return rows


def _facts(
    labelled: LabelledMentions, lesson: Lesson, alphas: list[float | None], scorer: StanceScorer, table: pl.DataFrame
) -> dict[str, Any]:
    def measured(by: str) -> dict[str, float]:
        found = table.filter(pl.col("of") == _ALL, pl.col("by").str.contains(by)).select("measure", "value").iter_rows()
        return {measure: round(value, 3) for measure, value in found}

    return {
        "n_mentions": len(labelled),
        "n_under_other_names": lesson.n_copies,
        "n_bare_names": len(lesson.mentions) - len(labelled) - lesson.n_copies,
        "n_written": labelled.split.count("press"),
        "n_documents": len(set(labelled.documents)),
        "alpha": round(min(value for value in alphas if value is not None), 3),  # of the part that is agreed on least
        "coders": "two language models following the codebooks of configs/labels (news_stance and others)",
        "n_networks": scorer.n_networks,
        "command": "python -m experiments.teach_stance configs/experiments/teach_stance.yaml --set data=FOLDER",
        "out_of_fold": measured("out of fold"),
        "anchors_alone": measured("^anchors$"),
    }


if __name__ == "__main__":
    experiment_main("teach_stance", TITLE, Settings, teach)
