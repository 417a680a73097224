"""Does tuning the encoder on the labels of real news beat a frozen encoder with a linear axis.

Question
    With the same labels and the same folds by article, how well is framing scored when some of the encoder's layers
    learn too: for the two poles at once, or from pairs of texts of like and unlike framing as SetFit does it (Tunstall
    et al. 2022)?

Command
    python -m experiments.tune_encoder configs/experiments/tune_encoder.yaml --set data=FOLDER
Run time
    About half an hour of one core.
Expected
    The table `agreement`, rows as in framing_benchmark: the frozen axis and SetFit alike (Spearman .74 and .73), two
    tuned layers a little above (.75), within one another's intervals. Only the news teaches, not the texts that were
    written in the manner of the world's press. Epochs and rates were set by hand and not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field
from scipy.stats import zscore
from sklearn.linear_model import LogisticRegression

from experiments._framing_rows import Judge
from experiments._news_labels import LabelledNews, LabelledNewsSettings, hashes_of, read_news_of
from research import Encoder
from research._folds import group_folds
from research._label_shift import _SLOPE, N_NETWORKS, _place
from research.embedding import default_cache_path
from research.embedding._models import find_model, load_model, model_hash
from research.framing import FramingAxis
from research.study import Loaded, Outcome, Section, experiment_main

TITLE = "Framing by a tuned encoder, against a frozen one"
METHODS = (
    "Folds are whole articles; the supplement teaches beside the sample and is not judged. Tuned: some layers "
    "learn, with two logistic heads on the mean of the token states (one a pole; a text rated between a "
    "pole and plain counts by its part), or from pairs of texts, whose cosine is to be one where framing has the same "
    "sign and zero where it has not, followed by a logistic regression. Frozen: the shipped axis's own procedure, but "
    "that good and bad news are told by all plain texts, since the pairs are not of American news."
)
_MODEL = "all-MiniLM-L6-v2"
_BATCH, _HEAD_RATE, _DECAY = 16, 1e-3, 0.01

Floats = NDArray[np.float64]


class Way(Section):
    """One way of tuning."""

    first: int = Field(ge=1, description="The first layer that learns, counted from 1; those below are frozen.")
    last: int = Field(ge=1, description="The last one, at which the text is read.")
    epochs: int = Field(ge=1)
    rate: float = Field(gt=0, description="The layers' learning rate.")
    contrastive: bool = Field(description="Learn from pairs instead of from the two poles.")


class Settings(LabelledNewsSettings):
    """What is learned from, and how."""

    ways: dict[str, Way]
    n_folds: int = Field(5, ge=2)
    n_resamples: int = Field(1000, ge=100)
    seed: int = Field(0, ge=0)


def judge(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Score every text by encoders that were tuned without its article."""
    settings = loaded.values
    news = read_news_of(loaded)
    news = news.take(np.flatnonzero(~news.press))
    main = np.flatnonzero(news.main)
    truth, clusters = news.labels["framing"][main], [news.documents[row] for row in main]
    judged = Judge(settings.n_resamples, settings.seed)
    fold = group_folds(news.documents, settings.seed, settings.n_folds)
    frozen, poles = _frozen(news, fold)
    judged.framing(
        "news", "frozen, anchors and labels", frozen[main], truth, clusters, (poles[main, 0], poles[main, 1])
    )
    total, done = len(settings.ways) * settings.n_folds, 0
    for name, way in settings.ways.items():
        states = _lower_states(news.texts, way.first - 1)
        odds = np.zeros((len(news), 2))
        for number in range(settings.n_folds):
            train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            odds[test] = _tuned(states, news.labels["framing"] / 2, train, test, way, settings.seed)
            done += 1
            progress("folds", done, total)
        y = news.labels["framing"] / 2
        score = _place(odds, y, _SLOPE / 2 * np.array([[-1.0, 1.0]] * 2))[3]
        for system, values, own in (
            (name, score, odds),
            (f"{name}, with the frozen axis", zscore(score) + zscore(frozen), zscore(odds) + zscore(poles)),
        ):
            judged.framing("news", system, values[main], truth, clusters, (own[main, 0], own[main, 1]))
    table = pl.DataFrame(judged.rows, infer_schema_length=None)
    best = table.filter(pl.col("measure") == "Spearman").sort("value", descending=True)
    return Outcome(
        tables={"agreement": table},
        plots=[],
        findings=[
            f"{row['system']}: Spearman {row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}], n = {row['n']}."
            for row in best.iter_rows(named=True)
        ],
        methods=METHODS,
        notes=["The coders are language models that followed one codebook; they agree more than people would."],
        inputs=hashes_of(news.files),
        model={"name": _MODEL, "sha256": model_hash(find_model(_MODEL))},
    )


def _frozen(news: LabelledNews, fold: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Score out of the same folds by an axis of anchors and labels."""
    encoder = Encoder(cache=default_cache_path()).load()
    embeddings = encoder.encode(news.texts)
    score, odds = np.zeros(len(news)), np.zeros((len(news), 2))
    unfollowed = news.nuisance_without_pairs
    for number in np.unique(fold):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        axis = FramingAxis.from_anchors("celebratory", encoder, n_bootstrap=N_NETWORKS, shipped_labels=False)
        documents = [news.documents[row] for row in train]
        axis.learn(embeddings.take(train), news.labels["framing"][train] / 2, documents, unfollowed[train])
        features = axis._features(embeddings.take(test))
        score[test] = axis.scale_.position(features)
        odds[test] = axis.scale_.pole_scores(features)
    return score, odds


def _model() -> Any:
    folder = find_model(_MODEL)
    return load_model(folder, model_hash(folder), "cpu")


def _lower_states(texts: list[str], n_frozen: int) -> list[Any]:
    """Give the token states above the frozen layers, (n_tokens, n_dimensions) a text."""
    import torch

    model = _model()
    bert = model[0].auto_model
    found = []
    with torch.no_grad():
        for text in texts:
            tokens = model.tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
            found.append(bert(**tokens, output_hidden_states=True).hidden_states[n_frozen][0])
    return found


def _tuned(
    states: list[Any], y: Floats, train: NDArray[np.int64], test: NDArray[np.int64], way: Way, seed: int
) -> Floats:
    """Tune copies of the layers on the training texts; give the test texts' log-odds of the two poles."""
    import copy

    import torch

    torch.manual_seed(seed)
    bert = _model()[0].auto_model
    layers = torch.nn.ModuleList(copy.deepcopy(layer) for layer in bert.encoder.layer[way.first - 1 : way.last]).train()
    head = torch.nn.Linear(bert.config.hidden_size, 2)
    optimizer = torch.optim.AdamW(
        [{"params": layers.parameters(), "lr": way.rate}, {"params": head.parameters(), "lr": _HEAD_RATE}],
        weight_decay=_DECAY,
    )
    generator = np.random.default_rng([seed, 8])
    steps = way.epochs * -(-len(train) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / max(1, steps // 10), max(0.0, (steps - step) / (steps * 0.9)))
    )
    members = torch.tensor(np.stack([np.clip(y, 0, 1), np.clip(-y, 0, 1)], axis=1), dtype=torch.float32)
    sign = torch.tensor(np.sign(y))

    def pooled(rows: NDArray[np.int64]) -> Any:
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones(len(states[row])) for row in rows], batch_first=True)
        hidden = torch.nn.utils.rnn.pad_sequence([states[row] for row in rows], batch_first=True)
        for layer in layers:
            hidden = layer(hidden, (1 - mask)[:, None, None, :] * torch.finfo(torch.float32).min)
        return (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)

    for _ in range(way.epochs):
        for rows in _batches(train, states, generator):
            vectors = pooled(rows)
            if way.contrastive:
                unit = torch.nn.functional.normalize(vectors)
                alike = (sign[rows][:, None] == sign[rows][None, :]).float()
                off = ~torch.eye(len(rows), dtype=torch.bool)
                loss = ((unit @ unit.T - alike)[off] ** 2).mean()
            else:
                loss = torch.nn.functional.binary_cross_entropy_with_logits(head(vectors), members[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    layers.eval()
    with torch.no_grad():
        if not way.contrastive:
            return np.concatenate([head(pooled(test[[k]])).numpy() for k in range(len(test))]).astype(np.float64)
        learned = {row: torch.nn.functional.normalize(pooled(np.array([row])))[0].numpy() for row in (*train, *test)}
    found = []
    for side in (1, -1):
        model = LogisticRegression(C=10.0, max_iter=2000).fit(
            [learned[row] for row in train], np.sign(y[train]) == side
        )
        found.append(model.decision_function([learned[row] for row in test]))
    return np.stack(found, axis=1)


def _batches(rows: NDArray[np.int64], states: list[Any], generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Give batches of texts of like length, in a new order each time."""
    length = np.array([len(states[row]) for row in rows]) * generator.uniform(0.9, 1.1, len(rows))
    ordered = rows[np.argsort(length)]
    starts = np.arange(0, len(ordered), _BATCH)
    for start in generator.permutation(starts):
        yield ordered[start : start + _BATCH]


if __name__ == "__main__":
    experiment_main("tune_encoder", TITLE, Settings, judge)
