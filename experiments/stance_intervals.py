"""Whether intervals of stance hold what other anchors and other labelled documents would have taught.

Question
    As in `experiments.interval_benchmark`, of the stance scorer: two teams, each with half of the anchors' subjects and
    half of the labelled documents, make it; do their scores of the same mentions, and their means of the same names,
    differ by no more than their intervals say? And so by the anchors of a few subjects?

Command
    python -m experiments.stance_intervals configs/experiments/stance_intervals.yaml --set data=FOLDER
Run time
    25 minutes on two cores, and as long again where the vectors are not in the cache.
Expected
    The table `intervals`, and a figure of it.

The labels are those of `experiments.teach_stance`, each weighing the same: without copies under other names, names that
stand alone, and the balance of kinds of text, so that a round takes minutes and not a quarter of an hour. The mentions
that are scored are of NewsMTSC, of which none is labelled there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from experiments._interval_teams import RoundSettings, Scored, Table, groups_of, summary
from experiments._news_labels import hashes_of
from experiments._stance_corpora import (
    LabelledMentionsSettings,
    joined,
    read_mentions_of,
    read_newsmtsc,
    refuse_shared,
    without_repeats,
)
from experiments._stance_methods import Case, case_of
from research import Encoder
from research.stance import StanceAnchors, StanceScorer, mention_features
from research.study import Loaded, Outcome, PathValue, experiment_main

TITLE = "Whether the intervals of stance hold what other anchors and other labels teach"
METHODS = (
    "In each round the anchors' subjects and the labelled documents are halved at random, and each half makes the "
    "scorer, first by its anchors alone; beside that, two teams get the anchors of a few subjects each, none in "
    "common. Both score mentions in sentences of news without a label here. A difference counts as within if it is at "
    "most 1.96 of its standard errors, the root of the sum of the two variances that the draws of the scorers give. "
    "The names whose means are compared, pronouns among them, are those that enough of the mentions have in the text."
)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Settings(RoundSettings, LabelledMentionsSettings):
    """What is halved and what is scored."""

    cache: Annotated[str, PathValue("file")] = Field(description="The file that keeps vectors between runs.")
    labelled_rounds: int = Field(4, ge=1, description="Of the rounds, the first that labels teach too.")
    few: int = Field(8, ge=2, description="Subjects that count as few.")
    mentions: int = Field(2500, ge=10, description="How many are scored.")
    fewest: int = Field(20, ge=2, description="Mentions that make the mean of a name.")
    networks: int = Field(8, ge=2, description="Networks, as in `teach_stance`.")


@dataclass(frozen=True)
class Material:
    """What a scorer is made of, as cases with the features of each, and the features of the mentions it scores."""

    anchors: Case
    anchor_features: Floats
    labelled: Case
    features: NDArray[np.float32]
    judged: Floats
    n_networks: int

    @property
    def subjects(self) -> Sequence[str]:
        """Of the anchors."""
        return self.anchors.groups

    @property
    def documents(self) -> Sequence[str]:
        """Of the labelled mentions."""
        return self.labelled.groups

    def make(self, own: Rows, n_bootstrap: int, random_state: int) -> StanceScorer:
        """Make a scorer of some anchors."""
        scorer = StanceScorer(n_bootstrap, random_state, n_networks=self.n_networks)
        return scorer.fit(self.anchor_features[own], self.anchors.y[own], [self.anchors.groups[row] for row in own])

    def teach(self, model: StanceScorer, labelled: Rows) -> StanceScorer:
        """Let some labelled mentions move it."""
        documents = [self.labelled.groups[row] for row in labelled]
        return model.learn(self.features[labelled], self.labelled.y[labelled], documents)

    def score(self, model: StanceScorer) -> Scored:
        """Score what is judged."""
        poles = "networks" if len(model.poles_.networks) else "lines"
        return Scored(model.predict(self.judged), model.predict_draws(self.judged), poles)


def benchmark(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Make the scorer twice from halves, round by round, and compare the differences with the intervals."""
    settings = loaded.values
    news = read_newsmtsc(loaded.path(settings.data))
    labelled, _ = without_repeats(joined(*read_mentions_of(loaded)))
    refuse_shared(labelled, news)
    drawn = np.random.default_rng(settings.seed).permutation(len(news))[: settings.mentions]
    judged = news.take(drawn)
    named = [text[slice(*position)] for text, position in zip(judged.texts, judged.positions, strict=True)]
    cache = loaded.path(settings.cache)
    cache.parent.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(cache=cache).load()

    def read(case: Case) -> Floats:
        embeddings = encoder.encode(case.texts, spans=case.mentions.spans, progress=progress)
        return mention_features(embeddings, case.mentions)

    anchors, taught = case_of(StanceAnchors.load("stance")), case_of(labelled)
    table = Table(settings, groups_of(named, settings.fewest), "mentions", "names", progress)
    features = read(taught).astype(np.float32)
    table.add("stance", Material(anchors, read(anchors), taught, features, read(case_of(judged)), settings.networks))
    return Outcome(
        tables={"rounds": table.rounds(), "intervals": summary(table.rounds())},
        plots=[table.plot()],
        findings=table.findings(),
        methods=METHODS,
        notes=table.notes(),
        inputs=hashes_of([*labelled.files, *news.files]),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


if __name__ == "__main__":
    experiment_main("stance_intervals", TITLE, Settings, benchmark)
