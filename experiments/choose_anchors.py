"""Which matched sets define the celebratory axis: those whose poles a bag of words hardly tells apart.

Question
    A bag of words tells celebratory from analytical anchors of subjects it has not seen, because analysts write
    "which", "because" and "would" and celebrants "our", "her" and "will". Which sets does it fail on, and what do
    anchors without such a hint still say about real news?

Command
    python -m experiments.choose_anchors configs/experiments/choose_anchors.yaml --set data=FOLDER
Run time
    About ten minutes on two cores.
Expected
    The tables `rounds` (what was left out, and what words then knew) and `anchors` (each collection: words, axis, and
    agreement with coders of real news by anchors alone and with labels), and whether the choice is what ships. With
    `write: true` the file `out` is replaced; the same input gives the same bytes.

Sets whose voices two coders, blind to what was meant, did not hear, or whose prose they found unnatural, are left out
first. Then adversarial filtering (Le Bras et al. 2020, AFLite): sets are held out of a bag of words by subject, over
several splits; those with the largest margin between their poles are left out, and so on until the bag of words is at
`goal`.
No labelled text takes part in the choice. `against` holds sets whose authors reworded until the bag of words failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._anchor_words import auroc_over_splits, out_of_fold_axis, pole_texts
from experiments._framing_rows import Judge, auroc
from experiments._news_labels import (
    LabelledNews,
    LabelledNewsSettings,
    agreement,
    hashes_of,
    read_news_of,
    read_table,
)
from experiments._news_sample import text_hash
from research import Encoder
from research._label_shift import N_NETWORKS
from research.embedding import default_cache_path
from research.errors import InputError
from research.framing import Anchors, FramingAxis
from research.framing._anchor_words import out_of_fold_words, score_by_words
from research.study import Loaded, Outcome, PathValue, experiment_main, file_hash

TITLE = "Anchors of which a bag of words hardly tells the poles apart"
METHODS = (
    "Words: logistic regression on words and word pairs (tf-idf), ten folds of whole subjects, AUROC between the "
    "poles, mean over several splits; letters: the same on runs of two to four letters, one split. Axis: the same "
    "subjects left out. Real news: 1,000 paragraphs that two coders labelled, scored by an axis of the anchors alone, "
    "and by one that the labels have moved, each without its article; intervals are bootstraps over articles."
)
_CHOSEN = "chosen: words fail on them"
_ENTRY = re.compile(r"^  - subject:", re.MULTILINE)

Floats = NDArray[np.float64]


class Settings(LabelledNewsSettings):
    """What is chosen from, how, and where it goes."""

    pool: Annotated[str, PathValue("file")] = Field(description="The axis file with sets in plain prose.")
    shared: Annotated[str, PathValue("file")] = Field(
        description="The axis file with sets in plain prose whose voices share more words."
    )
    coders: Annotated[str, PathValue("file")] = Field(description="Two blind coders' judgements, by the text's hash.")
    against: Annotated[str, PathValue("file")] = Field(description="The axis file with sets written against words.")
    out: Annotated[str, PathValue("file")] = Field(description="The axis file that is written.")
    goal: float = Field(0.6, gt=0.5, lt=1, description="AUROC of the bag of words at which no more sets are left out.")
    step: int = Field(5, ge=1, description="Sets left out in one round.")
    n_splits: int = Field(5, ge=1, description="Splits into folds over which scores are averaged.")
    write: bool = Field(False, description="Whether the axis file is replaced.")
    n_resamples: int = Field(1000, ge=100)
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Pool:
    """Matched sets, one text a voice: the file's header, the text of each entry, and the anchors, three a set."""

    header: str
    entries: tuple[str, ...]
    anchors: Anchors

    @classmethod
    def read(cls, path: Path) -> Pool:
        """Read an axis file whose entries have one text in each of three voices.

        Raises
        ------
        InputError
            If an entry has another number of texts.
        """
        anchors = Anchors.load(path)
        text = path.read_text(encoding="utf-8")
        starts = [found.start() for found in _ENTRY.finditer(text)]
        entries = tuple(text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True))
        if anchors.poles.tolist() != [1, 0, -1] * len(entries):
            raise InputError(
                f"{path}: it has {len(entries)} entries and {len(anchors)} texts; give every entry one text in each "
                f"voice, in the order {', '.join(anchors.pole_names[::-1])}"
            )
        return cls(text[: starts[0]], entries, anchors)

    def take(self, sets: Sequence[int]) -> Pool:
        """Give some of the sets."""
        rows = [3 * number + voice for number in sets for voice in range(3)]
        anchors = replace(
            self.anchors,
            texts=tuple(self.anchors.texts[row] for row in rows),
            poles=self.anchors.poles[rows],
            subjects=tuple(self.anchors.subjects[row] for row in rows),
        )
        return Pool(self.header, tuple(self.entries[number] for number in sets), anchors)

    def join(self, other: Pool) -> Pool:
        """Give the sets of both in the order of their subjects."""
        ours, theirs = self.anchors, other.anchors
        anchors = replace(
            ours,
            texts=ours.texts + theirs.texts,
            poles=np.concatenate([ours.poles, theirs.poles]),
            subjects=ours.subjects + theirs.subjects,
        )
        both = Pool(self.header, self.entries + other.entries, anchors)
        return both.take(sorted(range(len(both.entries)), key=lambda number: anchors.subjects[3 * number]))


def agreed_sets(pool: Pool, path: Path) -> tuple[list[int], float]:
    """Give the sets of which two coders heard every voice as it was meant, and found every text natural prose.

    Returns
    -------
    (list of int, float)
        The sets, and the coders' alpha over all texts of the pool.

    Raises
    ------
    InputError
        If a text was not judged, or the coders agree too little.
    """
    table = read_table(path)
    judged = {row["text_hash"]: row for row in table.iter_rows(named=True)}
    found = [judged.get(text_hash(text)) for text in pool.anchors.texts]
    if None in found:
        place = found.index(None)
        raise InputError(
            f"{path}: no coder judged {found.count(None)} texts of {pool.anchors.path}, the first "
            f'"{pool.anchors.texts[place][:40]}..." on `{pool.anchors.subjects[place]}`; have them judged'
        )
    rows = [row for row in found if row is not None]
    framing = np.array([[float(row[f"framing_{coder}"]) for row in rows] for coder in "ab"])
    natural = np.array([[row[f"natural_{coder}"] == "1" for row in rows] for coder in "ab"])
    good = ((np.sign(framing) == pool.anchors.poles) & natural).all(axis=0).reshape(-1, 3).all(axis=1)
    return np.flatnonzero(good).tolist(), agreement(framing, "ordinal", f"{path}: alpha of the coders")


def filter_sets(pool: Pool, goal: float, step: int, n_splits: int) -> tuple[list[int], list[dict[str, Any]]]:
    """Leave out the sets that words tell apart best until their AUROC is at most `goal`.

    Returns
    -------
    (list of int, list of dict)
        The sets that stay, and a row a round: sets, subjects, AUROC of the words.

    Raises
    ------
    InputError
        If the goal is not reached with `2 * step` sets left.
    """
    kept = list(range(len(pool.entries)))
    rounds = []
    while True:
        part = pool.take(kept).anchors
        found, scores = auroc_over_splits(part, n_splits)
        margins = scores[0::2] - scores[1::2]
        rounds.append({"n_sets": len(kept), "n_subjects": len(set(part.subjects)), "auroc_words": found})
        if found <= goal:
            return kept, rounds
        if len(kept) <= 2 * step:
            raise InputError(
                f"words tell the last {len(kept)} sets' poles apart with an AUROC of {found:.2f}, and the goal is "
                f"{goal:g}; write other sets or raise `goal`"
            )
        stay = np.sort(np.argsort(margins, kind="stable")[: len(kept) - step])
        kept = [kept[number] for number in stay]


def choose(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Choose, compare, write."""
    settings = loaded.values
    coders = loaded.path(settings.coders)
    first, second, against = (
        Pool.read(loaded.path(name)) for name in (settings.pool, settings.shared, settings.against)
    )
    written = first.join(second)
    agreed, alpha = agreed_sets(written, coders)
    pool, against = written.take(agreed), against.take(agreed_sets(against, coders)[0])
    news = read_news_of(loaded)
    progress("filters", 0, 2)
    kept, rounds = filter_sets(pool, settings.goal, settings.step, settings.n_splits)
    progress("filters", 1, 2)
    of_first = filter_sets(first, settings.goal, settings.step, settings.n_splits)[0]
    progress("filters", 2, 2)
    chosen, left_out = pool.take(kept), pool.take(sorted(set(range(len(pool.entries))) - set(kept)))
    collections = {
        "all in plain prose that the coders agreed on": pool,
        _CHOSEN: chosen,
        "left out": left_out,
        "written against words": against,
        "chosen and written against words": chosen.join(against),
        "the first pool, whole": first,
        "the first pool, words fail on them": first.take(of_first),
    }
    encoder = Encoder(cache=default_cache_path()).load()
    judged = Judge(settings.n_resamples, settings.seed)
    rows = []
    for number, (name, sets) in enumerate(collections.items()):
        progress("collections", number, len(collections))
        rows.append(
            _describe(name, sets.anchors, settings.n_splits, encoder) | _on_news(name, sets, news, encoder, judged)
        )
    progress("collections", len(collections), len(collections))
    known = _poles_known(left_out.anchors, chosen.anchors)
    out, content = loaded.path(settings.out), chosen.header + "".join(chosen.entries)
    ships = out.is_file() and out.read_text(encoding="utf-8") == content
    if settings.write:
        out.write_text(content, encoding="utf-8", newline="\n")
    row = {each["anchors"]: each for each in rows}[_CHOSEN]
    return Outcome(
        tables={"anchors": pl.DataFrame(rows), "rounds": pl.DataFrame(rounds), "agreement": pl.DataFrame(judged.rows)},
        plots=[],
        findings=[
            f"Two coders, blind to the voice that was meant, heard it in every text of {len(agreed)} of "
            f"{len(written.entries)} sets and found them natural prose (alpha {alpha:.3f}).",
            f"Of {len(pool.entries)} sets on {len(set(pool.anchors.subjects))} subjects, {len(kept)} on "
            f"{row['n_subjects']} stay: words tell the poles of left-out subjects apart with an AUROC of "
            f"{row['auroc_words']:.2f} (before: {rounds[0]['auroc_words']:.2f}), the axis with "
            f"{row['auroc_axis']:.2f}.",
            f"Words learned from the {len(left_out.entries)} sets left out tell those that stay apart with "
            f"{known:.2f}: words carry voice, and are balanced only within what stays.",
            f"The choice is {'' if ships else 'not '}what stood in {out.name} before.",
        ],
        methods=METHODS,
        notes=["The coders are language models that followed one codebook; they agree more than people would."],
        inputs={
            Path(name).name: file_hash(loaded.path(name))
            for name in (settings.pool, settings.shared, settings.against, settings.coders)
        }
        | hashes_of(news.files),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _describe(name: str, anchors: Anchors, n_splits: int, encoder: Encoder) -> dict[str, Any]:
    texts, poles, subjects = pole_texts(anchors)
    return {
        "anchors": name,
        "n_sets": len(poles) // 2,
        "n_subjects": len(set(subjects)),
        "auroc_words": auroc_over_splits(anchors, n_splits)[0],
        "auroc_letters": auroc(poles > 0, out_of_fold_words(texts, poles, subjects, unit="char_wb")),
        "auroc_axis": auroc(poles > 0, out_of_fold_axis(anchors, encoder)),
    }


def _poles_known(learned: Anchors, told: Anchors) -> float:
    """Give the AUROC between the poles of some anchors by the words of others."""
    train, train_poles, _ = pole_texts(learned)
    texts, poles, _ = pole_texts(told)
    return auroc(poles > 0, score_by_words(train, train_poles, texts))


def _on_news(name: str, sets: Pool, news: LabelledNews, encoder: Encoder, judged: Judge) -> dict[str, float]:
    """Score the sample of news by an axis of the anchors, and by what the labels make of it, out of fold by article."""
    anchors, main = sets.anchors, np.flatnonzero(news.main)
    truth, documents = news.labels["framing"][main], [news.documents[row] for row in main]
    embeddings = encoder.encode(news.texts)
    axis = FramingAxis.from_anchors(anchors, encoder, n_bootstrap=N_NETWORKS, shipped_labels=False)
    judged.framing("anchors alone", name, axis.scale_.position(axis._features(embeddings))[main], truth, documents)
    axis.learn(embeddings, news.labels["framing"] / 2, news.documents, news.nuisance)
    judged.framing("anchors and labels", name, axis.out_of_fold_[main], truth, documents)
    found = [row for row in judged.rows if row["system"] == name]
    return {f"{row['measure']}, {row['part']}": row["value"] for row in found}


if __name__ == "__main__":
    experiment_main("choose_anchors", TITLE, Settings, choose)
