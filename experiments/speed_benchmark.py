"""What do framing, further axes and stance cost over embedding the paragraphs alone.

Question
    How long do five axes and five targets take, their sentences, layers and spans embedded in the same pass, against
    plain paragraph vectors of the same texts?

Command
    python -m experiments.speed_benchmark configs/experiments/speed_benchmark.yaml --set data=FOLDER
Run time
    About five minutes on two cores.
Expected
    The table `ratios`: one row a pair of runs, taken in turn. Times differ from run to run, so `research verify` finds
    the tables of this experiment changed; the ratio is what to read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field

from experiments._news_sample import paragraphs_of, read_articles
from research import Encoder, FramingAxis, StanceScorer, find_mentions
from research.study import Loaded, Outcome, PathValue, Section, experiment_main, file_hash, load_study
from research.study._schema import make_targets

TITLE = "The cost of framing, axes and stance over plain embedding"
METHODS = (
    "The same paragraphs are embedded plainly (one vector each) and with everything that the scores need (layers, "
    "sentences, spans), then scored on five axes and toward five targets, in turn, without a cache. Fitting is not "
    "counted: shipped weights are loaded once."
)
_AXES = ("celebratory", "subjectivity", "alarm", "conflict", "valence")
_WORDS = (25, 160)


class Settings(Section):
    """What is timed."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder of the corpora.")
    study: Annotated[str, PathValue("file")] = Field(description="A study with five targets.")
    n_paragraphs: int = Field(1000, ge=10)
    repeats: int = Field(5, ge=1)


def judge(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Time both, in turn."""
    settings = loaded.values
    data = loaded.path(settings.data)
    texts: list[str] = []
    for each in paragraphs_of(read_articles(data)):
        if _WORDS[0] <= len(each.text.split()) <= _WORDS[1]:
            texts.append(each.text)
        if len(texts) == settings.n_paragraphs:
            break
    encoder, plain = Encoder().load(), Encoder(layers=()).load()
    axes = [FramingAxis.from_anchors(name, encoder) for name in _AXES]
    scorer = StanceScorer.from_anchors("stance", encoder)
    study = load_study(loaded.path(settings.study))
    targets = make_targets(study.values.stance.targets)
    plain.encode(texts[:16])
    rows = []
    for repeat in range(settings.repeats):
        progress("pairs", repeat, settings.repeats)
        start = time.perf_counter()
        plain.encode(texts)
        embedded = time.perf_counter()
        mentions = find_mentions(texts, targets)
        found = encoder.encode(texts, spans=mentions.spans)
        encoded = time.perf_counter()
        for axis in axes:
            axis.assess(found)
        framed = time.perf_counter()
        scorer.assess(found, mentions)
        end = time.perf_counter()
        rows.append(
            {
                "repeat": repeat,
                "plain_seconds": embedded - start,
                "encoding_seconds": encoded - embedded,
                "axes_seconds": framed - encoded,
                "stance_seconds": end - framed,
                "ratio": (end - embedded) / (embedded - start),
                "n_paragraphs": len(texts),
                "n_mentions": len(mentions),
            }
        )
    progress("pairs", settings.repeats, settings.repeats)
    table = pl.DataFrame(rows)
    ratios = table["ratio"].to_numpy()
    return Outcome(
        tables={"ratios": table},
        plots=[],
        findings=[
            f"Five axes and five targets take {np.median(ratios):.2f} times as long as plain embedding (median of "
            f"{len(ratios)} pairs, {ratios.min():.2f} to {ratios.max():.2f}; to reach 1.25)."
        ],
        methods=METHODS,
        notes=["Times depend on the machine and on what else it does; the pairs are taken in turn for that reason."],
        inputs={"data/allsides_news.jsonl.gz": file_hash(data / "allsides_news.jsonl.gz")},
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


if __name__ == "__main__":
    experiment_main("speed_benchmark", TITLE, Settings, judge)
