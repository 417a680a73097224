"""Run our own theme model and the plain baselines on vectors that are given; `_peer_worker` says what goes in and out.

It is called as `python -m experiments._own_worker FOLDER`, in a process of its own like a peer, so that times and
memory compare.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from experiments._peer_worker import System, work

__all__ = ["OWN"]


def _ours(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    from research.themes import ThemeModel

    embeddings = plain_embeddings(texts, vectors)
    model = ThemeModel(random_state=seed or 0, **settings).fit(embeddings)
    words: dict[str, list[str]] = {theme: [] for theme in model.themes_}
    for theme, keyword in model.keyword_table().select("theme", "keyword").iter_rows():
        words[theme].append(keyword)
    return model.labels_, [words[theme] for theme in model.themes_]


def _hdbscan(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    return _ours(texts, vectors, {**settings, "discovery": "hdbscan", "n_resamples": 0}, seed)


def _kmeans(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    from sklearn.cluster import KMeans

    model = KMeans(settings["n_clusters"], n_init=10, random_state=seed or 0)
    return model.fit_predict(vectors), []


def _one(texts: list[str], vectors: Any, settings: dict[str, Any], seed: int | None) -> Any:
    return np.zeros(len(texts), dtype=np.int64), []


def plain_embeddings(texts: list[str], vectors: Any) -> Any:
    """Give vectors and texts as the encoder does, each text its own only sentence."""
    from research.embedding import Embeddings, Segments

    n = len(texts)
    numbers = np.arange(n, dtype=np.int64)
    zeros = np.zeros(n, dtype=np.int64)
    ends = np.array([len(text) for text in texts], dtype=np.int64)
    layers = np.zeros((n, 0, vectors.shape[1]), dtype=np.float32)
    no_rows = np.arange(0, dtype=np.int64)
    spans = Segments(vectors[:0], no_rows, no_rows, no_rows, layers[:0])
    sentences = Segments(vectors, numbers, zeros, ends, layers)
    return Embeddings(tuple(texts), vectors, layers, sentences, spans, zeros, zeros + 1)


OWN: dict[str, System] = {"ours": _ours, "umap_hdbscan": _hdbscan, "kmeans": _kmeans, "one_cluster": _one}
_LOADS: dict[str, tuple[str, ...]] = {
    "ours": ("research.themes", "research.embedding", "sklearn.metrics"),
    "umap_hdbscan": ("research.themes", "research.embedding", "umap", "hdbscan"),
    "kmeans": ("sklearn.cluster",),
    "one_cluster": (),
}

if __name__ == "__main__":
    work(Path(sys.argv[1]), OWN, _LOADS)
