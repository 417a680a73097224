"""Labelled mentions: those of NewsMTSC and of `allsides_news`, corpora that do not ship, and of texts that do."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._foreign_sample import mentions_of
from experiments._news_labels import CODERS, agreement, labels_of, read_table, texts_of
from experiments._news_sample import named_mentions, read_articles, text_hash
from experiments._world_press import world_press
from research.errors import InputError
from research.study import Loaded, PathValue, Section

__all__ = [
    "SENTENCES",
    "LabelledMentions",
    "LabelledMentionsSettings",
    "joined",
    "opposed_pairs",
    "read_mentions_of",
    "read_newsmtsc",
    "read_paragraph_mentions",
    "read_press_mentions",
    "read_sentence_mentions",
    "refuse_shared",
    "stances_of",
    "without_repeats",
]

Floats = NDArray[np.float64]


class LabelledMentionsSettings(Section):
    """Where the labelled mentions are; the base of the settings of every experiment that teaches stance."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder of the corpora, gzipped JSON lines.")
    sentences: Annotated[tuple[str, ...], PathValue("file")] = Field(
        min_length=1, description="The folders with labelled mentions in sentences and headlines."
    )
    paragraphs: Annotated[tuple[str, ...], PathValue("file")] = Field(
        description="The folders with paragraphs labelled for stance toward their targets."
    )
    press: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs as the world's press has.")


SENTENCES = "sentences"  # the kind of text of lone sentences
_HEADLINES = "headlines"
_CLASSES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}


@dataclass(frozen=True)
class LabelledMentions:
    """Labelled mentions; a sentence with two targets comes twice.

    Attributes
    ----------
    texts : list of str
    positions : list of (int, int)
        Characters of the target.
    documents : list of str
        The article each is from.
    y : ndarray of float64, shape (n,)
        Favor 1, neutral 0, against -1; the mean of the coders where there are several.
    split : list of str
    alpha : float or None
        Krippendorff's alpha (ordinal), where there are several coders.
    files : list of Path
    """

    texts: list[str]
    positions: list[tuple[int, int]]
    documents: list[str]
    y: Floats
    split: list[str]
    alpha: float | None
    files: list[Path]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.int64]) -> LabelledMentions:
        """Give some of the mentions, in the order asked for."""
        return replace(
            self,
            texts=[self.texts[row] for row in rows],
            positions=[self.positions[row] for row in rows],
            documents=[self.documents[row] for row in rows],
            y=self.y[rows],
            split=[self.split[row] for row in rows],
        )

    @property
    def classes(self) -> NDArray[np.int64]:
        """The class of each mention, -1, 0 or 1; neutral where the coders differ."""
        return np.trunc(self.y).astype(np.int64)


def read_newsmtsc(data: Path) -> LabelledMentions:
    """Read `newsmtsc.jsonl.gz`; an article is the first three parts of `gid`."""
    path = data / "newsmtsc.jsonl.gz"
    if not path.is_file():
        raise InputError(f"{path}: no such file; key `data` must name the folder with the corpora")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return LabelledMentions(
        texts=[row["text"] for row in rows],
        positions=[(row["start"], row["end"]) for row in rows],
        documents=["_".join(row["gid"].split("_")[:3]) for row in rows],
        y=np.array([_CLASSES[row["label"]] for row in rows]),
        split=[row["split"] for row in rows],
        alpha=None,
        files=[path],
    )


def read_mentions_of(loaded: Loaded[Any]) -> list[LabelledMentions]:
    """Read what `LabelledMentionsSettings` name: sentences, paragraphs, the written press."""
    settings = loaded.values
    data = loaded.path(settings.data)
    return [
        *(read_sentence_mentions(data, loaded.path(folder)) for folder in settings.sentences),
        *(read_paragraph_mentions(data, loaded.path(folder)) for folder in settings.paragraphs),
        read_press_mentions(loaded.path(settings.press)),
    ]


def read_sentence_mentions(data: Path, labels: Path) -> LabelledMentions:
    """Read the labelled mentions in sentences and headlines of `allsides_news`.

    Raises
    ------
    InputError
        If a file is missing, a text is another than the one that was labelled, or the coders agree too little.
    """
    sample = read_table(labels / "sample.csv")
    mentions = named_mentions(read_articles(data), sample["mention_id"])
    for name, digest, mention in zip(sample["mention_id"], sample["text_hash"], mentions, strict=True):
        if mention is None or text_hash(mention.text) != digest:
            raise InputError(f"{data}: the mention {name} is missing or in another text than the one that was labelled")
    found = [mention for mention in mentions if mention is not None]
    values = np.stack([labels_of(sample, labels / name)["stance"].cast(pl.Float64).to_numpy() for name in CODERS])
    return LabelledMentions(
        texts=[mention.text for mention in found],
        positions=[(mention.start, mention.end) for mention in found],
        documents=[mention.article for mention in found],
        y=values.mean(axis=0),
        split=[_HEADLINES if ":title:" in mention.mention_id else SENTENCES for mention in found],
        alpha=agreement(values, "ordinal", f"{labels}: alpha of the coders"),
        files=[labels / name for name in ("sample.csv", *CODERS)],
    )


def read_paragraph_mentions(data: Path, labels: Path) -> LabelledMentions:
    """Read the mentions of targets in paragraphs of `allsides_news`; each has the label of its paragraph's target.

    Raises
    ------
    InputError
        If a file is missing, a text is another than the one that was labelled, or the coders agree too little.
    """
    sample = read_table(labels / "sample.csv")
    texts = texts_of(data, sample["paragraph_id"].to_list(), sample["text_hash"].to_list())
    targets = [row.split(";") for row in sample["targets"]]
    means, alpha = stances_of(labels, sample)
    units = [(row, name) for row, names in enumerate(targets) for name in names]
    found = [
        (row, span, y) for (row, name), y in zip(units, means, strict=True) for span in mentions_of(name, texts[row])
    ]
    return LabelledMentions(
        texts=[texts[row] for row, _, _ in found],
        positions=[span for _, span, _ in found],
        documents=[sample["paragraph_id"][row].partition(":")[0] for row, _, _ in found],
        y=np.array([y for _, _, y in found]),
        split=[labels.name] * len(found),
        alpha=alpha,
        files=[labels / name for name in ("sample.csv", *CODERS)],
    )


def read_press_mentions(labels: Path) -> LabelledMentions:
    """Read the marked mentions in paragraphs in the manner of the world's press; each has its target's label.

    Raises
    ------
    InputError
        If a file is missing, or the coders agree too little.
    """
    sample, paragraphs = world_press(labels)
    stances = _stances(labels, sample)
    alpha = agreement(np.array([np.concatenate(coder) for coder in stances]), "ordinal", f"{labels}: alpha of stance")
    first, second = stances
    found = [
        (row, span, (first[row][target] + second[row][target]) / 2)
        for row, paragraph in enumerate(paragraphs)
        for target, *span in paragraph.mentions
    ]
    return LabelledMentions(
        texts=[paragraphs[row].text for row, _, _ in found],
        positions=[(span[0], span[1]) for _, span, _ in found],
        documents=[sample["paragraph_id"][row].partition(":")[0] for row, _, _ in found],
        y=np.array([y for _, _, y in found]),
        split=["press"] * len(found),
        alpha=alpha,
        files=[labels / name for name in ("paragraphs.csv", *CODERS)],
    )


def stances_of(labels: Path, sample: pl.DataFrame, column: str = "stance") -> tuple[Floats, float]:
    """Give the coders' mean stance toward each target of each paragraph of a sample, in order, and their alpha.

    Raises
    ------
    InputError
        If a label is missing, or the coders agree too little.
    """
    values = np.array([np.concatenate(coder) for coder in _stances(labels, sample, column)])
    return values.mean(axis=0), agreement(values, "ordinal", f"{labels}: alpha of `{column}`")


def _stances(labels: Path, sample: pl.DataFrame, column: str = "stance") -> list[list[list[float]]]:
    """Give each coder's stances of each paragraph, one a target."""
    targets = [row.split(";") for row in sample["targets"]]
    found = []
    for name in CODERS:
        rows = labels_of(sample, labels / name)[column].str.split(";").to_list()
        if any(len(row) != len(names) for row, names in zip(rows, targets, strict=True)):
            raise InputError(f"{labels / name}: a paragraph has more or fewer stances than targets")
        found.append([[float(value) for value in row] for row in rows])
    return found


def joined(*parts: LabelledMentions) -> LabelledMentions:
    """Put one after the other; their alphas stay with them."""
    return LabelledMentions(
        texts=[text for part in parts for text in part.texts],
        positions=[position for part in parts for position in part.positions],
        documents=[document for part in parts for document in part.documents],
        y=np.concatenate([part.y for part in parts]),
        split=[split for part in parts for split in part.split],
        alpha=None,
        files=[file for part in parts for file in part.files],
    )


def without_repeats(mentions: LabelledMentions) -> tuple[LabelledMentions, NDArray[np.int64]]:
    """Give each mention once, with the mean of its labels, and the row in which each came first.

    Pages print one another's paragraphs, so that a text may be drawn from two articles: it counts as of the first, and
    is never taught and judged at once.
    """
    document: dict[str, str] = {}
    labels: dict[tuple[str, tuple[int, int]], list[int]] = {}
    for row, (text, position) in enumerate(zip(mentions.texts, mentions.positions, strict=True)):
        document.setdefault(text, mentions.documents[row])
        labels.setdefault((text, position), []).append(row)
    rows = np.array([found[0] for found in labels.values()], dtype=np.int64)
    once = mentions.take(rows)
    y = np.array([mentions.y[found].mean() for found in labels.values()])
    return replace(once, y=y, documents=[document[text] for text in once.texts]), rows


def refuse_shared(ours: LabelledMentions, news: LabelledMentions) -> None:
    """Refuse labels of a text that has a text of the corpus in it, or is in one, which could then not judge them.

    Raises
    ------
    InputError
        If there is one.
    """
    taught, judged = (dict.fromkeys(" ".join(text.split()) for text in each.texts) for each in (ours, news))
    for few, many in ((judged, taught), (taught, judged)):
        all_of_them = "\n".join(many)
        for text in few:
            if text in all_of_them:
                raise InputError(
                    f"{text[:60]!r} is a text both of our labels and of NewsMTSC; leave it out of the labels"
                )


def opposed_pairs(mentions: LabelledMentions, rows: NDArray[np.int64]) -> list[tuple[int, int, str]]:
    """Give (row in favor, row against, document) of every two mentions in one text with opposed labels."""
    by_text: dict[str, list[int]] = {}
    for row in rows:
        by_text.setdefault(mentions.texts[row], []).append(int(row))
    return [
        (a, b, mentions.documents[a])
        for found in by_text.values()
        for a in found
        for b in found
        if mentions.y[a] == 1 and mentions.y[b] == -1
    ]
