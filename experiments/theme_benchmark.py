"""Does the theme model find better themes than BERTopic, Turftopic and Top2Vec, on the same vectors.

Question
    Given the same vectors, how well do themes agree with labels that people gave, how much do they change with the seed
    and with the order of the texts, how good are their words, and what do they cost?

Command
    make peers
    python -m experiments.theme_benchmark configs/experiments/theme_benchmark.yaml --set data=FOLDER
Run time
    Hours on two cores from nothing, most of it the embedding of 41,000 texts and the peers' runs on 18,846 posts; about
    two minutes where all runs are there. A killed benchmark goes on from the runs it has.
Expected
    The table `targets`: what was to be reached, what was reached, and the best of the peers in the same run.

This package runs at its one default everywhere. The peers run at their defaults and at the best of a search that is
stated in the configuration and judged by the very labels they are then scored with, which favours them. Texts without
a theme count as one theme of their own; the scores without those texts stand beside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import polars as pl
from pydantic import Field

from experiments._peer_runs import PEERS, Run, Runs, Texts
from experiments._theme_benchmark_figures import agreement_dots, word_plane
from experiments._theme_codebook import bills_codebook, seeds_codebook
from experiments._theme_corpora import Corpora
from experiments._theme_findings import findings, targets_table
from experiments._theme_plan import Entry, discovery, draws, given_number, speed
from experiments._theme_tables import discovery_table, draws_table, runs_table, speed_table, words_table
from research.errors import InputError
from research.study import Loaded, Outcome, PathValue, Section, experiment_main, file_hash
from research.themes import Codebook

TITLE = "Themes against those of BERTopic, Turftopic and Top2Vec, on the same vectors"
METHODS = (
    "Every system gets the same vectors (all-MiniLM-L6-v2). Agreement with the labels is adjusted mutual "
    "information (AMI), the adjusted Rand index (ARI) and the Fowlkes-Mallows index (FMI) over all labelled texts, "
    "those without a theme as one theme of their own; beside it, over the texts with a theme alone. A mean is over "
    "seeds, or over random draws with a t interval; a run that failed counts as 0. Stability is the ARI between runs "
    "that differ in their seed, or in the order of the texts. Words are scored by NPMI and by diversity, ten single "
    "words a theme. This package runs at one default; peers at their defaults (KeyNMF, which has none for the number "
    "of topics, at `auto`) and at the best of the search in the configuration, chosen with seed 0 by the AMI itself; "
    "BERTopic told the names of the themes is listed and not compared. A phrase among the keywords counts as its "
    "words, which helps the systems that give phrases; means over numbers of themes leave out runs that failed. Times "
    "include what a fresh process compiles. "
    "Each run is made once, on one thread, and kept as a file; times and memory are of processes of their own."
)

_Value = int | float | str


class _Corpus(Section):
    """How thoroughly one corpus is run."""

    seeds: int = Field(5, ge=1, description="Runs that differ in their seed.")
    orders: int = Field(1, ge=0, description="Runs that differ in the order of the texts.")
    search: str = Field("medium", description="Which of the searches.")


class _Draws(Section):
    """Random draws from `newsgroups`."""

    n_draws: int = Field(20, ge=2)
    size: int = Field(250, ge=10)
    n_searched: int = Field(5, ge=1, description="Draws by which a setting is chosen.")
    search: str = "small"


class _Given(Section):
    """Themes whose number is given."""

    corpus: str = "bbc_octis"
    ks: tuple[int, ...] = (10, 20, 30, 40, 50)
    seeds: int = Field(3, ge=1)
    numbers: dict[str, str] = Field(description="For each system the setting that says how many.")


class _Speed(Section):
    """Time and memory."""

    n_paragraphs: int = Field(20_000, ge=100)
    repeats: int = Field(3, ge=1)
    systems: tuple[str, ...] = ("bertopic",)


class Settings(Section):
    """What the benchmark reads, whom it runs, and how often."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder with the corpora.")
    runs: Annotated[str, PathValue("file")] = Field(description="The folder in which runs are kept.")
    vectors: Annotated[str, PathValue("file")] = Field(description="The file of the vector cache.")
    ready: Annotated[str | None, PathValue("file")] = Field(
        None, description="A folder with vectors that are there already, NAME.npy of a corpus, instead of embedding it."
    )
    peers: Annotated[str, PathValue("file")] = Field(description="The Python of the peers' environment.")
    requirements: Annotated[str, PathValue("file")] = Field(description="The file that pins the peers.")
    study: Annotated[str, PathValue("file")] = Field(description="The study of the five documents.")
    annotations: Annotated[str, PathValue("file")] = Field(description="The folder with the coders' labels.")
    codebook: Annotated[str, PathValue("file")] = Field(description="The codebook of the bills' topics.")
    systems: tuple[str, ...] = Field(PEERS, description="The peers; none to run this package alone.")
    limit: float = Field(1800, gt=0, description="Seconds a run may take.")
    corpora: dict[str, _Corpus | None] = Field(description="Corpora in which themes are looked for; null for none.")
    draws: _Draws | None = None
    given: _Given | None = None
    speed: _Speed | None = None
    searches: dict[str, dict[str, tuple[dict[str, _Value], ...]]]


def compare(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Run every system on every corpus, or read the runs that are there, and score them."""
    settings = loaded.values
    _check(settings)
    corpora = Corpora(
        loaded.path(settings.data),
        loaded.path(settings.study),
        loaded.path(settings.annotations),
        loaded.path(settings.vectors),
        loaded.path(settings.ready) if settings.ready else None,
        settings.speed.n_paragraphs if settings.speed else 0,
        progress,
    )
    corpora.check(_needed(settings))
    codebook = loaded.path(settings.codebook)
    if not codebook.is_file():
        raise InputError(f"{codebook}: no such file; key `codebook` must name the codebook of the bills' topics")
    loaded.path(settings.vectors).parent.mkdir(parents=True, exist_ok=True)
    requirements = loaded.path(settings.requirements)
    runs = Runs(loaded.path(settings.runs), loaded.path(settings.peers), requirements, settings.limit, progress)

    entries = _entries(settings, corpora, runs)
    bills: list[dict[str, Any]] = []
    seeds: list[dict[str, Any]] = []
    study_inputs: dict[str, str] = {}
    if settings.corpora.get("congress_bills"):
        bills = bills_codebook(corpora, Codebook.load(codebook))
    if settings.corpora.get("seeds"):
        seeds, study_inputs = seeds_codebook(corpora, progress)

    tables = {"runs": runs_table(entries)}
    if any(settings.corpora.values()):
        tables["discovery"] = discovery_table(entries)
    if settings.draws:
        tables["draws"] = draws_table(entries)
    if settings.given:
        tables["words"] = words_table(entries, corpora.read(settings.given.corpus).texts)
    if bills or seeds:
        tables["codebook"] = pl.DataFrame([*bills, *seeds])
    if settings.speed:
        tables["speed"] = speed_table(entries)
    tables = {"targets": targets_table(tables), **tables}
    plots = [agreement_dots(tables["runs"]), word_plane(tables["words"]) if "words" in tables else None]
    return Outcome(
        tables=tables,
        plots=[plot for plot in plots if plot is not None],
        findings=findings(tables),
        methods=METHODS,
        notes=[
            *_ready_note(corpora),
            "Labels are one reading of a corpus: themes that disagree with them can be good themes.",
            "The granularity's rule was set while looking at these corpora; only others can say whether it holds.",
            "Each run is measured once and kept; its time is that of the machine it ran on. Compare times in `speed` "
            "alone: elsewhere a process makes many runs, one thread each, and embeds a word once.",
            "FMI is not adjusted for chance: compare it with that of one single theme.",
        ],
        inputs={
            **study_inputs,
            **corpora.files,
            "codebook": file_hash(codebook),
            "requirements": file_hash(requirements),
            **runs.inputs(),
        },
        model={"name": str(corpora.encoder.model), "sha256": corpora.model()},
    )


def _ready_note(corpora: Corpora) -> list[str]:
    names = [name.removeprefix("ready/").removesuffix(".npy") for name in corpora.files if name.startswith("ready/")]
    return [f"Vectors that were given as files, not made by this run: {', '.join(sorted(names))}."] if names else []


def _check(settings: Settings) -> None:
    """Refuse what would fail after hours."""
    if unknown := sorted(set(settings.systems) - set(PEERS)):
        raise InputError(f"key `systems` names {unknown[0]}; allowed are {', '.join(PEERS)}")
    wanted = [plan.search for plan in settings.corpora.values() if plan] + (
        [settings.draws.search] if settings.draws else []
    )
    for search in wanted:
        if search not in settings.searches:
            allowed = ", ".join(settings.searches)
            raise InputError(f"key `search` names {search}, which is not among the searches {allowed}")


def _needed(settings: Settings) -> list[str]:
    names = [name for name, plan in settings.corpora.items() if plan]
    names += ["newsgroups"] if settings.draws else []
    names += [settings.given.corpus] if settings.given else []
    names += ["allsides_news"] if settings.speed else []
    return list(dict.fromkeys(names))


def _entries(settings: Settings, corpora: Corpora, runs: Runs) -> list[Entry]:
    """Make the runs of all questions, those that take longest last."""
    entries: list[Entry] = []
    if settings.given:
        given = settings.given
        numbers = {name: key for name, key in given.numbers.items() if name not in PEERS or name in settings.systems}
        entries += given_number(runs, corpora.read(given.corpus), numbers, given.ks, given.seeds)
    for name, plan in settings.corpora.items():
        if plan is None:
            continue
        corpus = corpora.read(name)
        search = settings.searches[plan.search]
        baselines = [Run("kmeans", (("n_clusters", _n_labels(corpus)),), seed) for seed in range(plan.seeds)]
        baselines += [Run("umap_hdbscan"), Run("one_cluster")]
        names = corpora.theme_names() if name == "seeds" else ()
        entries += discovery(runs, corpus, settings.systems, search, plan.seeds, plan.orders, baselines, names)
    if settings.draws:
        many = settings.draws
        corpus = corpora.read("newsgroups")
        baselines = [Run("kmeans", (("n_clusters", _n_labels(corpus)),)), Run("umap_hdbscan"), Run("one_cluster")]
        search = settings.searches[many.search]
        entries += draws(runs, corpus, settings.systems, search, many.n_draws, many.size, many.n_searched, baselines)
    if settings.speed:
        peers = [name for name in settings.speed.systems if name in settings.systems]
        entries += speed(runs, corpora.read("allsides_news"), peers, settings.speed.repeats)
    return entries


def _n_labels(corpus: Texts) -> int:
    return len(set(corpus.gold) - {None})


if __name__ == "__main__":
    experiment_main("theme_benchmark", TITLE, Settings, compare)
