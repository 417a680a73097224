"""Does reading the mention beat reading its sentence, and how far does stance go without the corpus's own labels.

Question
    How well is the stance toward a target labelled, from labels of the same corpus and from none of them, by the token
    states of the mention and its contexts, by the sentence's vector, and with the target masked? Are targets in one
    sentence told apart?

Command
    python -m experiments.stance_benchmark configs/experiments/stance_benchmark.yaml --set data=FOLDER
Run time
    About twenty minutes on two cores at the first run, half of that embedding, which `cache` keeps.
Expected
    The table `targets` holds what was to be reached and what was; `evaluations` every system with its interval.

NewsMTSC (Hamborg & Donnay 2021) and `allsides_news` do not come with the package. Methods were chosen on them
(docs/stance.md has the log); the five documents were scored once, after.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._framing_rows import auroc
from experiments._news_labels import hashes_of
from experiments._other_names import Names, drawn_names, lesson_of, share_of_name
from experiments._stance_corpora import (
    LabelledMentionsSettings,
    joined,
    opposed_pairs,
    read_mentions_of,
    read_newsmtsc,
    refuse_shared,
    without_repeats,
)
from experiments._stance_figures import calibration_lines, five_articles, learning_curve, no_labels, own_labels
from experiments._stance_methods import (
    FEATURES,
    NETWORKS,
    Read,
    from_anchors,
    from_lesson,
    macro_f1_of,
    read,
    read_masked,
    taught,
    two_steps,
)
from experiments._stance_seeds import judge_articles
from research import Encoder
from research.inference import clustered_interval
from research.stance import StanceAnchors, StanceScorer
from research.stance._poles import NEUTRAL_RATE
from research.study import Loaded, Outcome, PathValue, experiment_main, file_hash

TITLE = "Stance toward targets: the mention against its sentence, with labels and without"
METHODS = (
    "Every way to read a mention goes through one estimator, ridge regressions of favor and of against from anchors "
    "and labels with shares calibrated out of fold. With the corpus's labels: NewsMTSC train in five folds of whole "
    "articles, and rw_dev from train. Without: the anchors and our labels of other texts teach, train judges. "
    "Macro-F1 over the three stances; pairs of targets in one text with opposed labels are ranked right if the "
    "favoured one scores higher. What ships are small networks in place of the ridge regressions (so are the rows of "
    "networks; on train they score what they did not see, out of bag), taught anchors and each labelled mention under "
    "other names of its kind as well, and each name as neutral where a sentence only names it. The rows beside it that "
    "are taught so are ridge regressions without anchors. Mentions of train under other names show what is left of the "
    "name in the score. Intervals are percentiles over resampled articles; differences are paired."
)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# With its own labels it is known that NewsMTSC has as many neutral mentions as others of either kind.
_EVEN = 1.0
# Kinds of names that are exchanged to see what a name does to a score.
_NAMED = {"persons": ("persons",), "countries and their people": ("countries", "adjectives", "peoples", "capitals")}


class Settings(LabelledMentionsSettings):
    """What is judged, by what, and how it is resampled."""

    cache: Annotated[str, PathValue("file")] = Field(description="The file that keeps vectors between runs.")
    study: Annotated[str, PathValue("file")] = Field(description="The study of the five documents.")
    annotations: Annotated[str, PathValue("file")] = Field(description="The folder with units and coders' labels.")
    articles: bool = Field(True, description="Whether the five documents are judged as well.")
    names: Annotated[str, PathValue("file")] = Field(description="The file of names that can stand for one another.")
    copies: int = Field(2, ge=0, description="Copies of a labelled mention under other names, as in `teach_stance`.")
    networks: int = Field(8, ge=2, description="Networks, as in `teach_stance`.")
    renamed: int = Field(400, ge=1, description="Mentions of train, of each sort, that are scored under other names.")
    n_names: int = Field(8, ge=2, description="Other names for each of them.")
    sizes: tuple[int, ...] = Field((30, 100, 300, 1000), description="Numbers of labels of the learning curve.")
    draws: int = Field(3, ge=1, description="Random draws of each size.")
    min_gold: int = Field(5, ge=1, description="A stance class counts where so many gold labels have it.")
    n_resamples: int = Field(2000, ge=100)
    seed: int = Field(0, ge=0)


class _Judge:
    """Collects rows of the table `evaluations`."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        task: str,
        system: str,
        measure: str,
        statistic: Callable[[Integers], float],
        documents: list[str],
    ) -> float:
        found = clustered_interval(
            statistic, documents, n_resamples=self.settings.n_resamples, random_state=self.settings.seed
        )
        row = {"task": task, "system": system, "measure": measure, "value": found.estimate, "low": found.low}
        self.rows.append({**row, "high": found.high, "n": len(documents), "n_documents": found.n_clusters})
        return found.estimate

    def labels(self, task: str, system: str, truth: Integers, guess: Integers, documents: list[str]) -> float:
        return self.add(task, system, "macro-F1", lambda rows: macro_f1_of(truth[rows], guess[rows]), documents)

    def differ(
        self, task: str, system: str, truth: Integers, first: Integers, second: Integers, documents: list[str]
    ) -> float:
        return self.add(
            task,
            system,
            "difference in macro-F1",
            lambda rows: macro_f1_of(truth[rows], first[rows]) - macro_f1_of(truth[rows], second[rows]),
            documents,
        )


def benchmark(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Encode, score in every way, judge."""
    settings = loaded.values
    data = loaded.path(settings.data)
    news = read_newsmtsc(data)
    ours, _ = without_repeats(joined(*read_mentions_of(loaded)))
    refuse_shared(ours, news)
    cache = loaded.path(settings.cache)
    cache.parent.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(cache=cache).load()
    shown = StanceAnchors.load("stance")
    anchors, labelled, judged = (read_masked(source, encoder, progress) for source in (shown, ours, news))
    split = np.array(news.split)
    train, dev = np.flatnonzero(split == "train"), np.flatnonzero(split == "rw_dev")
    names = Names.load(loaded.path(settings.names))
    lesson = lesson_of(ours, names, settings.copies, settings.seed)
    learned = read(lesson.mentions, encoder, progress).features
    renamed = {
        kind: drawn_names(news.take(train), names.only(kinds), settings.renamed, settings.n_names, settings.seed)
        for kind, kinds in _NAMED.items()
    }
    under_names = {kind: read(found, encoder, progress).features for kind, (found, _) in renamed.items()}
    sentence_names = from_lesson(learned["sentence"], lesson, settings.seed)
    articles = (
        judge_articles(
            loaded.path(settings.study),
            loaded.path(settings.annotations),
            settings,
            anchors,
            labelled,
            sentence_names,
            progress,
        )
        if settings.articles
        else None
    )
    y = news.classes
    pairs = opposed_pairs(news, train)
    judge = _Judge(settings)
    in_train, in_dev = [news.documents[row] for row in train], [news.documents[row] for row in dev]

    # With the corpus's own labels.
    own: dict[str, tuple[Integers, Integers]] = {}
    for number, name in enumerate(FEATURES):
        progress("own labels", number, len(FEATURES))
        X = judged.features[name]
        scorer = taught(anchors, name, X[train], news.y[train], in_train, settings.seed, neutral_rate=_EVEN)
        own[name] = scorer.out_of_fold_.argmax(axis=1) - 1, scorer.predict_shares(X[dev]).argmax(axis=1) - 1
        judge.labels("train, five folds by article", name, y[train], own[name][0], in_train)
        judge.labels("rw_dev, from train", name, y[dev], own[name][1], in_dev)
    progress("own labels", len(FEATURES), len(FEATURES))
    X = judged.features["ours"]
    networks = from_anchors(anchors, "ours", settings.seed, n_networks=settings.networks, neutral_rate=_EVEN)
    networks.learn(X[train], news.y[train], in_train, progress=progress)
    own[NETWORKS] = networks.out_of_fold_.argmax(axis=1) - 1, networks.predict_shares(X[dev]).argmax(axis=1) - 1
    judge.labels("train, five folds by article", NETWORKS, y[train], own[NETWORKS][0], in_train)
    judge.labels("rw_dev, from train", NETWORKS, y[dev], own[NETWORKS][1], in_dev)
    for task, rows, where in (
        ("train, five folds by article", train, 0),
        ("rw_dev, from train", dev, 1),
    ):
        documents = [news.documents[row] for row in rows]
        judge.differ(task, "ours - sentence", y[rows], own["ours"][where], own["sentence"][where], documents)

    # Without them.
    task = "train, none of its labels"
    alone = from_anchors(anchors, "ours", settings.seed)
    answers: dict[str, tuple[Integers, Floats]] = {
        "majority": (np.full(len(y), _most(y[train])), np.zeros(len(y))),
        "two_steps": two_steps(anchors.features["near"], anchors.case.y, anchors.case.groups, judged.features["near"]),
        "anchors, ours": _answer(alone.predict_shares(judged.features["ours"])),
    }
    by_name: dict[str, Callable[[str], Floats]] = {}
    for number, name in enumerate(FEATURES):
        progress("no labels", number, len(FEATURES))
        X, groups = labelled.features[name], labelled.case.groups
        scorer = taught(anchors, name, X, labelled.case.y, groups, settings.seed)
        answers[f"labels, {name}"] = _answer(scorer.predict_shares(judged.features[name]))
        if name in ("sentence", "ours"):
            by_name[f"labels, {name}"] = partial(_scores, scorer.predict_shares, under_names, name)
    progress("no labels", len(FEATURES), len(FEATURES))
    shipped = StanceScorer.from_anchors("stance", encoder)
    answers["names, sentence"] = _answer(sentence_names(judged.features["sentence"]))
    ours_names = from_lesson(learned["ours"], lesson, settings.seed)
    answers["names, ours"] = _answer(ours_names(judged.features["ours"]))
    answers["shipped"] = _answer(shipped.predict_shares(judged.features["ours"]))
    by_name["names, sentence"] = partial(_scores, sentence_names, under_names, "sentence")
    by_name["names, ours"] = partial(_scores, ours_names, under_names, "ours")
    by_name["shipped"] = partial(_scores, shipped.predict_shares, under_names, "ours")
    opposed_documents = [document for _, _, document in pairs]
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    for name, (label, score) in answers.items():
        judge.labels(task, name, y[train], label[train], in_train)
        right = _right(score[first], score[second])
        judge.add(task, name, "opposed targets ranked right", _mean_of(right), opposed_documents)
    for name, under in by_name.items():
        score = answers[name][1][train]
        for sign, words in ((1, "favor"), (-1, "against")):
            among = np.flatnonzero(y[train] != -sign)
            hit, rank = (y[train] == sign)[among], sign * score[among]
            judge.add(
                task, name, f"{words} from neutral, AUROC", _auroc_of(hit, rank), [in_train[row] for row in among]
            )
        for kind, (found, owner) in renamed.items():
            judge.add(f"under other names: {kind}", name, _OF_NAME, share_of_name(under(kind), owner), found.documents)
    judge.differ(
        task,
        "ours - sentence",
        y[train],
        answers["labels, ours"][0][train],
        answers["labels, sentence"][0][train],
        in_train,
    )

    even = StanceScorer.from_anchors("stance", encoder, n_bootstrap=1, neutral_rate=_EVEN)
    curve = _curve(anchors, judged, even, train, dev, settings, progress)
    calibration = _calibration(shipped.predict_shares(judged.features["ours"][train]), y[train])
    evaluations = pl.DataFrame(judge.rows)
    targets = _targets(evaluations, articles)
    plots = [own_labels(evaluations), no_labels(evaluations), learning_curve(curve), calibration_lines(calibration)]
    tables = {"targets": targets, "evaluations": evaluations, "curve": curve, "calibration": calibration}
    if articles is not None:
        tables["articles"] = articles
        plots.append(five_articles(articles, settings.min_gold))
    return Outcome(
        tables=tables,
        plots=plots,
        findings=[f"{row['row']}: {row['reached']} (to reach: {row['to_reach']})." for row in targets.to_dicts()],
        methods=METHODS,
        notes=[
            "The anchors and our labels are by language models that followed the same codebooks; NewsMTSC's labels are "
            "crowd workers', who judged what the sentence conveys, whoever speaks in it.",
            "The penalty and the nine numbers of the calibration come from the same folds that judge `train`.",
        ],
        inputs={
            **{f"data/{file.name}": file_hash(file) for file in news.files},
            **hashes_of(ours.files),
            f"labels/{loaded.path(settings.names).name}": file_hash(loaded.path(settings.names)),
        },
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _scores(
    shares_of: Callable[[Floats], Floats], features: dict[str, dict[str, Floats]], name: str, kind: str
) -> Floats:
    return _answer(shares_of(features[kind][name]))[1]


def _answer(shares: Floats) -> tuple[Integers, Floats]:
    return shares.argmax(axis=1) - 1, shares[:, 2] - shares[:, 0]


def _most(y: Integers) -> int:
    return int(np.bincount(y + 1).argmax()) - 1


def _right(favored: Floats, opposed: Floats) -> Floats:
    """Give 1 where the favoured target scores higher, a half where both score the same."""
    found: Floats = (np.sign(favored - opposed) + 1) / 2
    return found


def _auroc_of(hit: NDArray[np.bool_], score: Floats) -> Callable[[Integers], float]:
    return lambda rows: auroc(hit[rows], score[rows])


def _mean_of(values: Floats) -> Callable[[Integers], float]:
    return lambda rows: float(values[rows].mean())


def _curve(
    anchors: Read,
    judged: Read,
    shipped: StanceScorer,
    train: Integers,
    dev: Integers,
    settings: Any,
    progress: Callable[[str, int, int], None],
) -> pl.DataFrame:
    """Learn from ever more labels of the corpus, from the anchors and from what ships; judge on rw_dev."""
    X, case = judged.features["ours"], judged.case
    truth = np.trunc(case.y[dev]).astype(np.int64)
    rows = []
    starts = {"anchors": from_anchors(anchors, "ours", settings.seed, neutral_rate=_EVEN), "shipped": shipped}
    sizes = (0, *settings.sizes)
    for number, size in enumerate(sizes):
        progress("learning curve", number, len(sizes))
        for draw in range(settings.draws if size else 1):
            generator = np.random.default_rng([settings.seed, size, draw])
            chosen = generator.choice(train, size=min(size, len(train)), replace=False)
            for name, start in starts.items():
                scorer = copy.deepcopy(start)
                if size:
                    scorer.learn(X[chosen], case.y[chosen], [case.groups[row] for row in chosen])
                value = macro_f1_of(truth, scorer.predict_shares(X[dev]).argmax(axis=1) - 1)
                rows.append({"start": name, "labels": size, "draw": draw, "macro_f1": value})
    progress("learning curve", len(sizes), len(sizes))
    return pl.DataFrame(rows)


def _calibration(shares: Floats, y: Integers) -> pl.DataFrame:
    """Give how often a stance is right by its share, at the base rates that the shares are for."""
    rates = (1.0, NEUTRAL_RATE, 1.0)
    weights = np.array([rate / max((y == each).sum(), 1) for each, rate in zip((-1, 0, 1), rates, strict=True)])
    weights = (weights / sum(rates))[y + 1]
    rows = []
    for column, stance in enumerate(("against", "neutral", "favor")):
        share, hit = shares[:, column], y == column - 1
        edges = np.quantile(share, np.linspace(0, 1, 11))
        place = np.clip(np.searchsorted(edges, share, side="right") - 1, 0, 9)
        for bin_ in range(10):
            inside = place == bin_
            if inside.any():
                w = weights[inside]
                rows.append(
                    {
                        "stance": stance,
                        "bin": bin_,
                        "share": float(w @ share[inside] / w.sum()),
                        "observed": float(w @ hit[inside] / w.sum()),
                        "weight": float(w.sum()),
                        "n": int(inside.sum()),
                    }
                )
    return pl.DataFrame(rows)


def _targets(evaluations: pl.DataFrame, articles: pl.DataFrame | None) -> pl.DataFrame:
    def found(task: str, system: str, measure: str) -> tuple[float, str]:
        row = evaluations.filter(
            pl.col("task").str.starts_with(task), pl.col("system") == system, pl.col("measure") == measure
        ).to_dicts()[0]
        return row["value"], f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"

    rows: list[tuple[str, float | None, float, str]] = []
    for system in ("sentence", "masked", "ours"):
        rows.append((f"train, 5 folds, macro-F1: {FEATURES[system]}", None, *found("train, five", system, "macro-F1")))
    rows += [
        ("train, 5 folds: over the sentence vector", 0.06, *found("train, five", "ours - sentence", _DIFFERENCE)),
        ("train, 5 folds, macro-F1: by networks, out of bag", None, *found("train, five", NETWORKS, "macro-F1")),
        ("rw_dev from train, macro-F1", 0.74, *found("rw_dev", "ours", "macro-F1")),
        ("rw_dev from train, macro-F1: by networks", None, *found("rw_dev", NETWORKS, "macro-F1")),
        ("train, none of its labels, macro-F1", 0.55, *found("train, none", "shipped", "macro-F1")),
        ("train, none of its labels: opposed targets ranked right", 0.70, *found("train, none", "shipped", _OPPOSED)),
    ]
    for system, words in (("labels, ours", "ridge, own names"), ("shipped", "what ships")):
        for kind in _NAMED:
            shown = found(f"under other names: {kind}", system, _OF_NAME)
            rows.append((f"share of the score's variance that is the name's, {kind}: {words}", None, *shown))
    listed = [
        {
            "row": row,
            "to_reach": "(beside)" if least is None else f"{least:.2f}",
            "reached": words,
            "done": None if least is None else value >= least,
        }
        for row, least, value, words in rows
    ]
    for row in [] if articles is None else articles.filter(pl.col("to_reach")).to_dicts():
        listed += _of_articles(row)
    return pl.DataFrame(listed)


def _of_articles(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold both against their baselines: the anchors alone, and what ships, which labels of other news taught."""
    name = f"five articles, {row['measure']}, {row['target']}"
    if row["anchors"] is None:  # of mentions, which no label teaches
        return [_above(name, row, "ours", "sentence")]
    ships = _above(f"{name}: what ships, taught by other news", row, "ours", "sentence")
    ships["reached"] += (
        f"; the sentence vector under other names {row['sentence_names']:.2f}; taught by the other articles' labels as "
        f"well {row['taught']:.2f}"
    )
    return [_above(f"{name}: no label at all", row, "anchors", "sentence_anchors"), ships]


def _above(name: str, row: dict[str, Any], ours: str, sentence: str) -> dict[str, Any]:
    best = max(row["majority"], row[sentence])
    over = "" if row.get(f"over_{sentence}_low") is None else f"; {_over(row, sentence)}"
    return {
        "row": name,
        "to_reach": f"> {best:.2f} (majority {row['majority']:.2f}, sentence {row[sentence]:.2f})",
        "reached": f"{row[ours]:.2f}{over}",
        "done": row[ours] > best,
    }


def _over(row: dict[str, Any], other: str) -> str:
    gap, low, high = (row[f"over_{other}{end}"] for end in ("", "_low", "_high"))
    return f"over the sentence vector {gap:+.2f} [{low:+.2f}, {high:+.2f}] over paragraphs"


_DIFFERENCE = "difference in macro-F1"
_OPPOSED = "opposed targets ranked right"
_OF_NAME = "share of the variance"


if __name__ == "__main__":
    experiment_main("stance_benchmark", TITLE, Settings, benchmark)
