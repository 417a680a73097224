"""The stance rows of the five documents: the scorer beside the majority answer and the sentence vector's."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments._stance_methods import Read, from_anchors, sentence_vectors, taught
from research import Encoder
from research.errors import InputError
from research.inference import clustered_interval, gold_labels, macro_f1
from research.stance import Mentions, Target, mention_features
from research.study import Analysis, analyse, load_study
from research.study._own_stance import teach_stance

__all__ = ["judge_articles"]

_MACRO_F1 = ("partnership", "russia", "india", "china")
_MENTION_F1 = ("us_west",)
_LABELS = np.array(["against", "neutral", "favor"], dtype=object)


def judge_articles(
    study: Path,
    annotations: Path,
    settings: Any,
    anchors: Read,
    labelled: Read,
    by_names: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    progress: Callable[[str, int, int], None],
) -> pl.DataFrame:
    """Score the documents as the study does, and by the vector of each mention's sentence; without any label, too.

    The sentence vectors get the same anchors, the same labels and the same estimator; `by_names` gives the shares that
    they stand for after the labels were taught under other names as well. For mentions they answer by the likeness of a
    paragraph's vector to that of the target's name, told how many paragraphs mention it.

    Returns
    -------
    polars.DataFrame
        measure, target, anchors and sentence_anchors (no label at all), ours, majority, sentence, sentence_names,
        taught (each article scored by a scorer that learned from the coders' labels of the others), n, classes,
        to_reach; and by how much `anchors` is above `sentence_anchors`, and ours above `sentence` and `sentence_names`,
        with an interval over resampled paragraphs: what these few paragraphs leave open, and nothing about other
        articles.
    """
    files = [annotations / f"coder_{name}.jsonl" for name in "abc"]
    for path in files:
        if not path.is_file():
            raise InputError(f"{path}: no such file; key `annotations` must name the folder with the coders' labels")
    coders = [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line] for path in files]
    analysis = analyse(load_study(study), progress=progress)
    table, mentions = analysis.tables["paragraphs"], analysis.paragraphs.mentions
    if mentions is None:
        raise InputError(f"{study}: the study has no targets to judge")
    embeddings = analysis.paragraphs.embeddings
    order = {name: row for row, name in enumerate(table["paragraph_id"].to_list())}
    gold = [label for label in gold_labels(coders) if label["id"] in order]
    places = np.array([order[label["id"]] for label in gold])

    case = labelled.case
    sentence = taught(anchors, "sentence", labelled.features["sentence"], case.y, case.groups, settings.seed)
    vectors = sentence_vectors(embeddings, mentions)
    features = mention_features(embeddings, mentions)
    shares = {
        "anchors": from_anchors(anchors, "ours", settings.seed).predict_shares(features),
        "sentence_anchors": from_anchors(anchors, "sentence", settings.seed).predict_shares(vectors),
        "sentence": sentence.predict_shares(vectors),
        "sentence_names": by_names(vectors),
    }
    others = _by_the_others(analysis, gold, places)
    encoder = Encoder()
    rows = []
    for number, target in enumerate(analysis.models.targets):
        known = [row for row, label in enumerate(gold) if label["stance"].get(target.name) is not None]
        truth = [gold[row]["stance"][target.name] for row in known]
        most = max(sorted(set(truth)), key=truth.count)
        answers = {
            "ours": table[f"stance_{target.name}"].gather(places[known]).to_list(),
            "majority": [most] * len(truth),
            "taught": [others[number][row] for row in known],
            **{name: _labels(each, mentions, number)[places[known]].tolist() for name, each in shares.items()},
        }
        ours = answers["ours"]
        _, classes = macro_f1(truth, ours, settings.min_gold)
        row = {"target": target.name, "label": target.label, "n": len(truth)}
        gaps: dict[str, float | None] = {}
        for name, first in (("sentence_anchors", "anchors"), ("sentence", "ours"), ("sentence_names", "ours")):
            found = clustered_interval(
                _gap(truth, answers[first], answers[name], classes),
                [gold[place]["id"] for place in known],
                n_resamples=settings.n_resamples,
                random_state=settings.seed,
            )
            gaps |= {f"over_{name}": found.estimate, f"over_{name}_low": found.low, f"over_{name}_high": found.high}
        rows.append(
            {
                **row,
                "measure": "macro-F1",
                **{name: macro_f1(truth, answer, settings.min_gold)[0] for name, answer in answers.items()},
                **gaps,
                "classes": ";".join(sorted(map(str, classes))),
                "to_reach": target.name in _MACRO_F1,
            }
        )
        mentioned = np.array([each != "absent" for each in truth])
        likeness = _likeness(encoder, target, embeddings.vectors[places[known]])
        told = np.zeros(len(truth), dtype=bool)
        told[np.argsort(-likeness, kind="stable")[: int(mentioned.sum())]] = True
        rows.append(
            {
                **row,
                "measure": "F1 of mention",
                **dict.fromkeys(answers),
                "ours": _f1(mentioned, np.array([each != "absent" for each in ours])),
                "majority": _f1(mentioned, np.full(len(truth), 2 * mentioned.sum() > len(truth))),
                "sentence": _f1(mentioned, told),
                **dict.fromkeys(gaps),
                "classes": "mentioned",
                "to_reach": target.name in _MENTION_F1,
            }
        )
    return pl.DataFrame(rows)


def _by_the_others(analysis: Analysis, gold: Sequence[dict[str, Any]], places: NDArray[np.int64]) -> list[list[str]]:
    """Give, for each target, each coded paragraph's label by a scorer that the other articles' labels taught."""
    scorer, paragraphs, targets = analysis.models.stance, analysis.paragraphs, analysis.models.targets
    assert scorer is not None and paragraphs.mentions is not None
    articles = np.array([label["id"].rpartition(":")[0] for label in gold])
    stances = {name: number - 1.0 for number, name in enumerate(_LABELS)}
    found = [[""] * len(gold) for _ in targets]
    for article in dict.fromkeys(articles):
        lesson = {
            (label["id"], target.name): y
            for label, of in zip(gold, articles, strict=True)
            for target in targets
            if of != article and (y := stances.get(label["stance"].get(target.name))) is not None
        }
        taught, _ = teach_stance(scorer, lesson, paragraphs, targets, n_coders=3)
        table = taught.assess(paragraphs.embeddings, paragraphs.mentions)
        for row in np.flatnonzero(articles == article):
            for number, target in enumerate(targets):
                found[number][row] = table[f"stance_{target.name}"][int(places[row])]
    return found


def _gap(
    truth: Sequence[str], first: Sequence[str], second: Sequence[str], classes: Sequence[Any]
) -> Callable[[NDArray[np.int64]], float]:
    """Give how much higher the macro-F1 of the first answers is than that of the second, over fixed classes."""
    gold, *guesses = (
        np.array([[answer == each for each in classes] for answer in answers], dtype=np.float64).reshape(
            -1, len(classes)
        )
        for answers in (truth, first, second)
    )

    def statistic(rows: NDArray[np.int64]) -> float:
        n_gold = gold[rows].sum(axis=0)
        values = []
        for guess in guesses:
            both, n_guess = (gold[rows] * guess[rows]).sum(axis=0), guess[rows].sum(axis=0)
            values.append(np.mean(2 * both / np.maximum(n_gold + n_guess, 1)))
        return float(values[0] - values[1])

    return statistic


def _labels(shares: NDArray[np.float64], mentions: Mentions, number: int) -> NDArray[Any]:
    """Give each text's label from the mean shares of its scored mentions, as the scorer does."""
    label = np.where(mentions.present[:, number], "neutral", "absent").astype(object)
    text, target = mentions.text[mentions.scored], mentions.target[mentions.scored]
    for place in np.unique(text[target == number]):
        label[place] = _LABELS[int(shares[(text == place) & (target == number)].mean(axis=0).argmax())]
    return label


def _likeness(encoder: Encoder, target: Target, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (vectors @ encoder.encode([target.label]).vectors[0]).astype(np.float64)
    return found


def _f1(truth: NDArray[np.bool_], guess: NDArray[np.bool_]) -> float:
    both = int((truth & guess).sum())
    return 2 * both / max(int(truth.sum() + guess.sum()), 1)
