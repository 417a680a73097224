"""Whether intervals of the shipped axes hold what other anchors and other labelled articles would have taught.

Question
    A score's interval is to say how far it hangs on the anchors that were written and on the articles that were
    labelled. Two teams, each with half of the anchors' subjects and half of the labelled articles, make the same axis:
    do their scores of the same paragraphs, and their means of the same outlets, differ by no more than their intervals
    say? And so with few subjects, as whoever writes anchors of their own may have?

Command
    python -m experiments.interval_benchmark configs/experiments/interval_benchmark.yaml --set data=FOLDER
Run time
    30 minutes on two cores.
Expected
    The table `intervals`, and a figure of it: for each axis, from anchors of few subjects, from half of the anchors,
    and with labels, the share of differences within the 95% intervals, and how large differences and standard errors
    are.

The sentences' share of an interval is left out: both teams score the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from experiments._interval_teams import RoundSettings, Scored, Table, groups_of, summary
from experiments._news_labels import LESSONS, LabelledNews, LabelledNewsSettings, hashes_of, read_news_of
from experiments._news_sample import PARAGRAPH_WORDS, Paragraph, paragraphs_of, read_articles
from research import Encoder
from research._label_shift import N_NETWORKS
from research.embedding import Embeddings, default_cache_path
from research.framing import Anchors, FramingAxis
from research.study import Loaded, Outcome, PathValue, experiment_main

TITLE = "Whether the intervals of the axes hold what other anchors and other labels teach"
METHODS = (
    "In each round the anchors' subjects and the labelled articles are halved at random, and each half makes the axis, "
    "first by its anchors alone; beside that, two teams get the anchors of a few subjects each, none in common. Both "
    "axes score paragraphs of articles without a label, one an article. A difference counts as within if it is at most "
    "1.96 of its standard errors, the root of the sum of the two variances that the draws of the axes give; the "
    "sentences' share is left out. Paragraphs are compared before scores are held within -1 and +1, outlets are means "
    "of scores, and of draws, that are held."
)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Settings(RoundSettings, LabelledNewsSettings):
    """What is halved and what is scored."""

    dangers: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs about dangers.")
    paragraphs: int = Field(600, ge=10, description="How many are scored.")
    n_bootstrap: int = Field(100, ge=N_NETWORKS, description="Draws of each axis.")


@dataclass(frozen=True)
class Material:
    """What an axis is made of: anchors, and labelled texts with their positions and what must not be followed."""

    anchors: Anchors
    anchor_vectors: Embeddings
    texts: LabelledNews
    vectors: Embeddings
    y: Floats
    nuisance: Floats | None
    judged: Embeddings

    @property
    def subjects(self) -> Sequence[str]:
        """Of the anchors."""
        return self.anchors.subjects

    @property
    def documents(self) -> Sequence[str]:
        """Of the labelled texts."""
        return self.texts.documents

    def make(self, own: Rows, n_bootstrap: int, random_state: int) -> FramingAxis:
        """Make an axis of some anchors."""
        poles, subjects = np.asarray(self.anchors.poles), np.asarray(self.anchors.subjects)
        axis = FramingAxis(n_bootstrap=n_bootstrap, random_state=random_state, reads=self.anchors.reads)
        return axis.fit(self.anchor_vectors.take(own), poles[own], subjects[own])

    def teach(self, model: FramingAxis, labelled: Rows) -> FramingAxis:
        """Let some labelled texts move an axis."""
        documents = [self.texts.documents[row] for row in labelled]
        nuisance = None if self.nuisance is None else self.nuisance[labelled]
        return model.learn(self.vectors.take(labelled), self.y[labelled], documents, nuisance)

    def score(self, model: FramingAxis) -> Scored:
        """Score what is judged."""
        features, scale = model._features(self.judged), model.scale_
        poles = "networks" if len(scale.networks_) else "lines"
        return Scored(scale.position(features), scale.anchor_draws(features), poles)


def benchmark(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Make each axis twice from halves, round by round, and compare the differences with the intervals."""
    settings = loaded.values
    news = read_news_of(loaded, loaded.path(settings.dangers))
    judged = draw_judged(read_articles(loaded.path(settings.data)), news, settings.paragraphs, settings.seed)
    encoder = Encoder(cache=default_cache_path()).load()
    taught = encoder.encode(news.texts, progress=progress)
    scored = encoder.encode([each.text for each in judged], progress=progress)
    outlets = groups_of([each.outlet for each in judged], settings.fewest)
    table = Table(settings, outlets, "paragraphs", "outlets", progress, len(LESSONS))
    for name in LESSONS:
        anchors = Anchors.load(name)
        known, texts, y, nuisance = news.lesson(name)
        material = Material(anchors, encoder.encode(anchors.texts), texts, taught.take(known), y, nuisance, scored)
        table.add(name, material)
    return Outcome(
        tables={"rounds": table.rounds(), "intervals": summary(table.rounds())},
        plots=[table.plot()],
        findings=table.findings(),
        methods=METHODS,
        notes=[*table.notes(), *news.warnings],
        inputs=hashes_of(news.files),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def draw_judged(articles: list[dict[str, str]], news: LabelledNews, n: int, seed: int) -> list[Paragraph]:
    """Draw paragraphs of 25 to 160 words from articles without a label, one an article, no text twice or labelled."""
    few, many = PARAGRAPH_WORDS
    labelled = set(news.documents)
    pool = [
        each
        for each in paragraphs_of(row for row in articles if row["id"] not in labelled)
        if few <= len(each.text.split()) <= many
    ]
    taken: dict[str, Paragraph] = {}
    texts = set(news.texts)
    for place in np.random.default_rng([seed, 6]).permutation(len(pool)):
        each = pool[place]
        if each.article not in taken and each.text not in texts:
            taken[each.article] = each
            texts.add(each.text)
            if len(taken) == n:
                break
    return list(taken.values())


if __name__ == "__main__":
    experiment_main("interval_benchmark", TITLE, Settings, benchmark)
