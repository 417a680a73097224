"""Which runs each question of the theme benchmark needs, and how a run is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from experiments._peer_runs import Run, Runs, Texts
from research.themes import clustering_agreement

__all__ = ["Entry", "agreement", "between_orders", "between_seeds", "discovery", "draws", "given_number", "speed"]

Searches = Mapping[str, Sequence[Mapping[str, Any]]]
OURS = "ours"
_SIMILARITIES = (0.7, 0.5, 0.3)  # BERTopic's default, and lower
_MEASURES = ("ami", "ari", "fmi")
_NO_SCORES = dict.fromkeys((*_MEASURES, *(f"{name}_assigned" for name in _MEASURES)))


@dataclass(frozen=True)
class Entry:
    """A run, what it is for, and its scores.

    Attributes
    ----------
    corpus, question : str
    role : {"default", "search", "best", "baseline", "zero-shot"}
        A run at a system's defaults, one of the search for better ones, one at the best of that search, one of a
        plain baseline, or one that was told the names of the themes.
    run : Run
    result : dict
        As the worker wrote it.
    scores : dict of str to float or None
        At full coverage, and over the texts that got a theme.
    """

    corpus: str
    question: str
    role: str
    run: Run
    result: dict[str, Any] = field(repr=False)
    scores: dict[str, float | None] = field(repr=False)

    @property
    def labels(self) -> np.ndarray | None:
        """One theme a text, -1 for none."""
        return None if self.result["labels"] is None else np.asarray(self.result["labels"])

    @property
    def n_themes(self) -> int | None:
        """Themes with a text in them."""
        return None if self.labels is None else len(set(self.labels.tolist()) - {-1})

    @property
    def coverage(self) -> float | None:
        """The share of the texts that have a theme."""
        return None if self.labels is None else float(np.mean(self.labels >= 0))


def agreement(labels: Sequence[int], gold: Sequence[str | None]) -> dict[str, float | None]:
    """Compare themes with labels, texts without a theme as one group of their own, and without those texts.

    Parameters
    ----------
    labels : sequence of int, length n
        -1 for none.
    gold : sequence of str or None, length n
        A text without a label is passed over.

    Returns
    -------
    dict of str to float or None
        `ami`, `ari` and `fmi` of all labelled texts; `ami_assigned`, `ari_assigned` and `fmi_assigned` of those with a
        theme, None where there are none.
    """
    pairs = [(label, truth) for label, truth in zip(labels, gold, strict=True) if truth is not None]
    scores: dict[str, float | None] = dict(_NO_SCORES)
    found, truth = [label for label, _ in pairs], [label for _, label in pairs]
    if pairs:
        every = clustering_agreement(found, truth)
        scores |= {name: every[name] for name in _MEASURES}
    if any(label >= 0 for label in found):
        assigned = clustering_agreement(found, truth, only_assigned=True)
        scores |= {f"{name}_assigned": assigned[name] for name in _MEASURES}
    return scores


def discovery(
    runs: Runs,
    corpus: Texts,
    peers: Sequence[str],
    search: Searches,
    n_seeds: int,
    n_orders: int,
    baselines: Sequence[Run],
    names: Sequence[str] = (),
) -> list[Entry]:
    """Let each system find themes, by its defaults and by the best of the search, with several seeds and orders.

    Where `names` of themes are given, BERTopic is told them too (its zero-shot mode), by its default similarity and by
    two lower ones; being told, it is not compared with the others.
    """
    entries = []
    for system in peers:
        default = _seeds(system, (), n_seeds, n_orders)
        tried = [Run(system, _settings(each)) for each in search.get(system, ())]
        found = runs.make(corpus, [*default, *tried])
        entries += [_entry(corpus, "discovery", "default", run, found[run]) for run in default]
        searched = [_entry(corpus, "discovery", "search", run, found[run]) for run in tried]
        best = _best([entries[-len(default)], *searched], "ami")
        entries += searched
        if best is not None:
            chosen = _seeds(system, best, n_seeds, 0)
            found = runs.make(corpus, chosen)
            entries += [_entry(corpus, "discovery", "best", run, found[run]) for run in chosen]
    if names and "bertopic" in peers:
        told = [("zeroshot_topic_list", tuple(names))]
        zero = [Run("bertopic", (("zeroshot_min_similarity", least), *told)) for least in _SIMILARITIES]
        found = runs.make(corpus, zero)
        entries += [_entry(corpus, "discovery", "zero-shot", run, found[run]) for run in zero]
    own = _seeds(OURS, (), n_seeds, n_orders)
    found = runs.make(corpus, [*own, *baselines])
    entries += [_entry(corpus, "discovery", "default", run, found[run]) for run in own]
    entries += [_entry(corpus, "discovery", "baseline", run, found[run]) for run in baselines]
    return entries


def draws(
    runs: Runs,
    corpus: Texts,
    peers: Sequence[str],
    search: Searches,
    n_draws: int,
    size: int,
    n_searched: int,
    baselines: Sequence[Run],
) -> list[Entry]:
    """Let each system find themes in random draws; a setting is chosen by its mean over the first draws."""

    def drawn(system: str, settings: Any, n: int) -> list[Run]:
        return [Run(system, settings, draw=draw, size=size) for draw in range(n)]

    entries: list[Entry] = []
    for system in [*peers, OURS]:
        default = drawn(system, (), n_draws)
        tried = [_settings(each) for each in search.get(system, ())]
        found = runs.make(corpus, [*default, *(run for each in tried for run in drawn(system, each, n_searched))])
        made = [_entry(corpus, "draws", "default", run, found[run]) for run in default]
        entries += made
        if system == OURS:
            continue
        means: dict[Any, float | None] = {(): _mean([entry.scores["ami"] for entry in made[:n_searched]])}
        for each in tried:
            some = [_entry(corpus, "draws", "search", run, found[run]) for run in drawn(system, each, n_searched)]
            entries += some
            means[each] = _mean([entry.scores["ami"] for entry in some])
        best = max(means, key=lambda each: means[each] or 0.0)
        chosen = drawn(system, best, n_draws)
        found = runs.make(corpus, chosen)
        entries += [_entry(corpus, "draws", "best", run, found[run]) for run in chosen]
    for baseline in baselines:
        chosen = drawn(baseline.system, baseline.settings, n_draws)
        found = runs.make(corpus, chosen)
        entries += [_entry(corpus, "draws", "baseline", run, found[run]) for run in chosen]
    return entries


def given_number(runs: Runs, corpus: Texts, numbers: Mapping[str, str], ks: Sequence[int], n_seeds: int) -> list[Entry]:
    """Let each system find a given number of themes; `numbers` names the setting that says how many."""
    entries = []
    for system, name in numbers.items():
        wanted = [Run(system, ((name, k),), seed) for k in ks for seed in range(n_seeds)]
        found = runs.make(corpus, wanted)
        entries += [_entry(corpus, "given number", "default", run, found[run]) for run in wanted]
    return entries


def speed(runs: Runs, corpus: Texts, peers: Sequence[str], repeats: int) -> list[Entry]:
    """Let each system take its turn in a process of its own, with no seed where that is a system's default."""
    systems = [*peers, OURS]
    wanted = [
        Run(system, seed=0 if system == OURS else None, repeat=repeat, alone=True)
        for repeat in range(repeats)
        for system in systems
    ]
    found = runs.make(corpus, wanted)
    return [_entry(corpus, "speed", "default", run, found[run]) for run in wanted]


def between_seeds(entries: Sequence[Entry]) -> float | None:
    """Give the mean ARI of all pairs of runs that differ in their seed."""
    same = [entry.labels for entry in entries if entry.run.order == 0 and entry.labels is not None]
    return _mean([clustering_agreement(a.tolist(), b.tolist())["ari"] for a, b in combinations(same, 2)])


def between_orders(entries: Sequence[Entry]) -> float | None:
    """Give the least ARI of a run with the run of the same seed that got the texts in another order."""
    plain = {entry.run.seed: entry.labels for entry in entries if entry.run.order == 0}
    others = [entry for entry in entries if entry.run.order and entry.labels is not None]
    found = [
        clustering_agreement(base.tolist(), entry.labels.tolist())["ari"]
        for entry in others
        if (base := plain.get(entry.run.seed)) is not None and entry.labels is not None
    ]
    return min(found) if found else None


def _seeds(system: str, settings: tuple[tuple[str, Any], ...], n_seeds: int, n_orders: int) -> list[Run]:
    runs = [Run(system, settings, seed) for seed in range(n_seeds)]
    return runs + [Run(system, settings, 0, order) for order in range(1, n_orders + 1)]


def _settings(given: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(given.items()))


def _entry(corpus: Texts, question: str, role: str, run: Run, result: dict[str, Any]) -> Entry:
    scores: dict[str, float | None] = dict(_NO_SCORES)
    if corpus.gold and result["labels"] is not None:
        rows = run.rows(len(corpus.texts))
        gold = corpus.gold if rows is None else [corpus.gold[row] for row in rows]
        scores = agreement(result["labels"], gold)
    return Entry(corpus.name, question, role, run, result, scores)


def _best(entries: Sequence[Entry], measure: str) -> tuple[tuple[str, Any], ...] | None:
    scored = [(entry.scores[measure], entry.run.settings) for entry in entries if entry.scores[measure] is not None]
    return max(scored, key=lambda each: each[0] or 0.0)[1] if scored else None


def _mean(values: Sequence[float | None]) -> float | None:
    """Give the mean; a run that failed counts as 0, because a system that fails finds nothing."""
    return float(np.mean([0.0 if value is None else value for value in values])) if values else None
