"""Does `voice: own` give the author's stance, and `voice: all` that of everyone who speaks.

Question
    News tells much of what it says of its targets in the words of others. How well does the shipped scorer label what a
    paragraph conveys in all voices, and what its author's own words convey, when it reads all mentions, and when it
    leaves out those in quotations and in reports of what others say?

Command
    python -m experiments.voice_benchmark configs/experiments/voice_benchmark.yaml --set data=FOLDER
Run time
    About a minute on two cores.
Expected
    The table `voices`: macro-F1 and accuracy of each way of reading by each kind of label, intervals over articles.

The 800 paragraphs are of `allsides_news`, which does not come with the package; none of their articles taught stance.
The rule for reported speech was chosen on the 600 of `chosen on`; the 200 of `held out` were drawn and labelled after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._news_labels import CODERS, hashes_of, read_table, texts_of
from experiments._stance_corpora import stances_of
from experiments._stance_methods import macro_f1_of
from research import Encoder
from research.embedding import Embeddings, default_cache_path
from research.inference import clustered_interval
from research.stance import Mentions, StanceScorer, Target, find_mentions, mention_features
from research.stance._voices import quoted_stretches
from research.study import Loaded, Outcome, PathValue, Section, experiment_main

TITLE = "Whose voice: the author's own stance, and that of everyone who speaks"
METHODS = (
    "Paragraphs with two targets each, labelled by two coders for what they convey in all voices and for what the "
    "author's own words convey. The shipped scorer labels each target with all mentions read, and with those left out "
    "that stand in quotations or in reports of what others say. Macro-F1 over against, neutral and favor; intervals "
    "are percentiles over resampled articles, differences paired. The rule was chosen on one part of the paragraphs "
    "and not on the other."
)
_LABELS = {"stance": "all voices", "own": "the author's own words"}
_VOICES: tuple[Literal["all", "own"], ...] = ("all", "own")
_CODES = {"against": -1, "neutral": 0, "absent": 0, "favor": 1}

Integers = NDArray[np.int64]


class Settings(Section):
    """What is judged, and how it is resampled."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder of the corpora, gzipped JSON lines.")
    labels: Annotated[str, PathValue("file")] = Field(
        description="The folder with paragraphs labelled for both voices."
    )
    n_resamples: int = Field(2000, ge=100)
    seed: int = Field(0, ge=0)


def benchmark(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Score every target of every paragraph in both voices, and judge by both kinds of labels."""
    settings = loaded.values
    labels = loaded.path(settings.labels)
    sample = read_table(labels / "sample.csv")
    texts = texts_of(loaded.path(settings.data), sample["paragraph_id"].to_list(), sample["text_hash"].to_list())
    units = [(row, name) for row, names in enumerate(sample["targets"]) for name in names.split(";")]
    truth, alphas = {}, {}
    for column in _LABELS:
        means, alphas[column] = stances_of(labels, sample, column)
        truth[column] = np.trunc(means).astype(np.int64)
    encoder = Encoder(cache=default_cache_path()).load()
    scorer = StanceScorer.from_anchors("stance", encoder, n_bootstrap=1)
    read = {voice: _read(texts, units, voice, encoder, progress) for voice in _VOICES}
    guess = {f"voice: {voice}": _labelled(*found, scorer) for voice, found in read.items()}
    guess["quotations left out"] = _unquoted(*read["all"], scorer)
    articles = [sample["paragraph_id"][row].partition(":")[0] for row, _ in units]
    of = np.array([sample["part"][row] for row, _ in units])
    rows = []
    for part in ("chosen on", "held out"):
        those = np.flatnonzero(of == part)
        documents = [articles[row] for row in those]
        for column, words in _LABELS.items():
            y = truth[column][those]
            systems = {name: answer[those] for name, answer in guess.items()}
            systems["most frequent class"] = np.full(len(y), np.bincount(y + 1).argmax() - 1)
            for system, answer in systems.items():
                rows += _judged(part, words, system, y, answer, documents, settings)
            own = guess["voice: own"][those]
            for other in ("voice: all", "quotations left out"):
                rows.append(_difference(part, words, y, own, guess[other][those], documents, settings, other))
    table = pl.DataFrame(rows)
    differ = float(np.mean(truth["own"] != truth["stance"]))
    return Outcome(
        tables={"voices": table},
        plots=[],
        findings=_findings(table),
        methods=METHODS,
        notes=[
            "The coders are language models that followed the same codebook; they agree more than people would.",
            f"Alpha {alphas['stance']:.2f} for all voices, {alphas['own']:.2f} for the author's own words; the two "
            f"differ for {differ:.0%} of the targets.",
        ],
        inputs=hashes_of(labels / name for name in ("sample.csv", *CODERS)),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _read(
    texts: list[str],
    units: list[tuple[int, str]],
    voice: Literal["all", "own"],
    encoder: Encoder,
    progress: Callable[[str, int, int], None],
) -> tuple[list[Mentions], Embeddings]:
    """Give the mentions of each unit's target, and the vectors around them."""
    found = [find_mentions([texts[row]], [Target("target", name, (name,))], voice=voice) for row, name in units]
    spans = [each.spans[0] for each in found]
    return found, encoder.encode([texts[row] for row, _ in units], spans=spans, progress=progress)


def _labelled(found: list[Mentions], embeddings: Embeddings, scorer: StanceScorer) -> Integers:
    """Give the label of each unit, -1, 0 or 1, as a study of its target would."""
    assessed = [
        scorer.assess(embeddings.take([unit]), mentions)["stance_target"][0] for unit, mentions in enumerate(found)
    ]
    return np.array([_CODES[label] for label in assessed], dtype=np.int64)


def _unquoted(found: list[Mentions], embeddings: Embeddings, scorer: StanceScorer) -> Integers:
    """Give the label of each unit where mentions in quotations are left out and no others."""
    labels = np.zeros(len(found), dtype=np.int64)
    for unit, mentions in enumerate(found):
        quotes = quoted_stretches(embeddings.texts[unit])
        places = zip(mentions.start.tolist(), mentions.end.tolist(), strict=True)
        rows = np.flatnonzero([not any(a <= start and end <= b for a, b in quotes) for start, end in places])
        if len(rows):
            shares = scorer.predict_shares(mention_features(embeddings.take([unit]), mentions, rows)).mean(axis=0)
            labels[unit] = (0, -1, 1)[int(shares[[1, 0, 2]].argmax())]
    return labels


def _judged(
    part: str, words: str, system: str, truth: Integers, guess: Integers, documents: list[str], settings: Any
) -> list[dict[str, Any]]:
    measures: dict[str, Callable[[Integers], float]] = {
        "macro-F1": lambda rows: macro_f1_of(truth[rows], guess[rows]),
        "accuracy": lambda rows: float((truth[rows] == guess[rows]).mean()),
    }
    return [_row(part, words, system, name, measure, documents, settings) for name, measure in measures.items()]


def _difference(
    part: str,
    words: str,
    truth: Integers,
    first: Integers,
    second: Integers,
    documents: list[str],
    settings: Any,
    other: str,
) -> dict[str, Any]:
    def gain(rows: Integers) -> float:
        return macro_f1_of(truth[rows], first[rows]) - macro_f1_of(truth[rows], second[rows])

    return _row(part, words, f"voice: own - {other}", "difference in macro-F1", gain, documents, settings)


def _row(
    part: str,
    words: str,
    system: str,
    measure: str,
    statistic: Callable[[Integers], float],
    documents: list[str],
    settings: Any,
) -> dict[str, Any]:
    found = clustered_interval(statistic, documents, n_resamples=settings.n_resamples, random_state=settings.seed)
    return {
        "part": part,
        "labels": words,
        "system": system,
        "measure": measure,
        "value": found.estimate,
        "low": found.low,
        "high": found.high,
        "n": len(documents),
        "n_documents": found.n_clusters,
    }


def _findings(table: pl.DataFrame) -> list[str]:
    return [
        "{labels}, {part}: {system}, {measure} {value:.3f} [{low:.3f}, {high:.3f}], n = {n:,}.".format(**row)
        for row in table.filter(pl.col("measure") != "accuracy").to_dicts()
    ]


if __name__ == "__main__":
    experiment_main("voice_benchmark", TITLE, Settings, benchmark)
