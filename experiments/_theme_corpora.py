"""The corpora of the theme benchmark: where their texts, labels and vectors come from."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._peer_runs import Texts
from research import Encoder, read_corpus
from research.errors import InputError
from research.inference import gold_labels
from research.study import file_hash, load_study
from research.themes import Codebook

__all__ = ["Corpora"]

_LABEL = {"bbc_octis": "label", "newsgroups": "label", "congress_bills": "topic"}
_PARAGRAPHS = "allsides_news"
_SHORTEST = 20  # words; shorter lines of a web page are captions and links more often than paragraphs
_EMPTY = "(empty)"

Progress = Callable[[str, int, int], None]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class Corpora:
    """Reads corpora and embeds them, each once.

    Parameters
    ----------
    data : Path
        The folder of the corpora, gzipped JSON lines.
    study, annotations : Path
        The study of the five documents, and the folder of their coders' labels.
    vectors : Path
        The file of the vector cache.
    ready : Path or None
        A folder with vectors that are there already, `NAME.npy` of a corpus, taken instead of embedding it.
    n_paragraphs : int
        How many paragraphs of `allsides_news` to draw.
    progress : callable
    """

    def __init__(
        self,
        data: Path,
        study: Path,
        annotations: Path,
        vectors: Path,
        ready: Path | None,
        n_paragraphs: int,
        progress: Progress,
    ) -> None:
        self.data = data
        self.study = study
        self.annotations = annotations
        self.ready = ready
        self.n_paragraphs = n_paragraphs
        self.progress = progress
        self.files: dict[str, str] = {}
        self.cache = vectors
        self.encoder = Encoder(layers=(), cache=vectors)
        self._known: dict[str, Texts] = {}

    def check(self, names: Sequence[str]) -> None:
        """Say what is missing before anything is measured.

        Raises
        ------
        InputError
            If a corpus's file is not there.
        """
        missing = [name for name in names if name != "seeds" and not self._path(name).is_file()]
        if missing:
            files = ", ".join(f"{name}.jsonl.gz" for name in missing)
            raise InputError(
                f"{self.data}: {files} not found; key `data` must name the folder with the corpora, for example "
                "`--set data=FOLDER`"
            )

    def read(self, name: str) -> Texts:
        """Give a corpus by its name: `bbc_octis`, `newsgroups`, `congress_bills`, `allsides_news` or `seeds`."""
        if name not in self._known:
            if name == "seeds":
                texts, gold = self._seeds()
            elif name == _PARAGRAPHS:
                texts, gold = self._paragraphs(), []
            else:
                rows = self._rows(name)
                texts, gold = [row["text"] for row in rows], [row[_LABEL[name]] for row in rows]
            whole = tuple(text if text.strip() else _EMPTY for text in texts)
            model, embed = self._source(name, len(whole))
            self._known[name] = Texts(name, whole, tuple(gold), model, embed)
        return self._known[name]

    def theme_names(self) -> list[str]:
        """Give the labels of the themes in the study's codebook."""
        study = load_study(self.study)
        name = study.values.themes.codebook
        if name is None:
            return []
        return [theme.label for theme in Codebook.load(study.path(name) if name.endswith(".yaml") else name).themes]

    def coders(self) -> list[list[dict[str, Any]]]:
        """Give each coder's labels of the five documents."""
        coders = []
        for coder in ("coder_a.jsonl", "coder_b.jsonl", "coder_c.jsonl"):
            path = self.annotations / coder
            if not path.is_file():
                raise InputError(
                    f"{path}: no such file; key `annotations` must name the folder with the coders' labels"
                )
            self.files[f"annotations/{coder}"] = file_hash(path)
            coders.append([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()])
        return coders

    def model(self) -> str:
        """Give the hash of the embedding model."""
        if not hasattr(self.encoder, "model_hash_"):
            self.encoder.encode(["."])
        return str(self.encoder.model_hash_)

    def _path(self, name: str) -> Path:
        return self.data / f"{name}.jsonl.gz"

    def _rows(self, name: str) -> list[dict[str, Any]]:
        path = self._path(name)
        self.check([name])
        self.files[f"data/{path.name}"] = file_hash(path)
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def _paragraphs(self) -> list[str]:
        """Draw paragraphs of news articles, in the order of the file."""
        found = []
        for row in self._rows(_PARAGRAPHS):
            lines = re.split(r"\n\s*\n|\n", row["text"])
            found += [line.strip() for line in lines if len(line.split()) >= _SHORTEST]
        drawn = np.random.default_rng(0).choice(len(found), min(self.n_paragraphs, len(found)), replace=False)
        return [found[row] for row in np.sort(drawn)]

    def _seeds(self) -> tuple[list[str], list[str | None]]:
        """Give the paragraphs of the five documents and the theme that coders put first."""
        study = load_study(self.study)
        pattern, metadata = study.values.corpus.files, study.values.corpus.metadata
        corpus = read_corpus(study.pattern(pattern), metadata=study.path(metadata) if metadata else None)
        self.files |= dict(corpus.files)
        primary = {label["id"]: label["themes"][0] if label["themes"] else None for label in gold_labels(self.coders())}
        table = corpus.paragraphs.select("paragraph_id", "text")
        gold = [primary.get(name) for name in table["paragraph_id"]]
        return table["text"].to_list(), [None if theme == "none" else theme for theme in gold]

    def _source(self, name: str, n: int) -> tuple[str, Embed]:
        """Give what decides a corpus's vectors, and the way to get them."""
        path = None if self.ready is None else self.ready / f"{name}.npy"
        if path is None or not path.is_file():
            return self.model(), self._embed
        vectors = np.load(path, allow_pickle=False)
        if vectors.ndim != 2 or len(vectors) != n:
            raise InputError(
                f"{path} has the shape {vectors.shape}; the corpus {name} needs a row for each of {n} texts"
            )
        self.files[f"ready/{path.name}"] = file_hash(path)
        return self.files[f"ready/{path.name}"], lambda texts: vectors

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encoder.encode(list(texts), progress=self.progress).vectors
