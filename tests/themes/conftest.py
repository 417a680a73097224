"""A stand-in for the encoder, and texts whose themes are known because they were made from them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from research.embedding import Embeddings, Segments
from research.themes import Codebook, CodebookTheme

TOPICS = {
    "energy": ["oil", "gas", "reactor", "refinery", "pipeline", "fuel", "crude", "barrel", "turbine", "grid"],
    "sport": ["match", "goal", "striker", "league", "coach", "referee", "penalty", "stadium", "keeper", "season"],
    "health": ["hospital", "nurse", "vaccine", "patient", "surgeon", "clinic", "virus", "therapy", "doctor", "ward"],
    "space": ["rocket", "orbit", "satellite", "launch", "astronaut", "lunar", "probe", "telescope", "comet", "booster"],
}


class WordEncoder:
    """The sum of one fixed random vector a word, and a sentence for each part that a full stop ends."""

    n_dimensions = 96

    def _word(self, word: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
        return np.random.default_rng(seed).normal(size=self.n_dimensions)

    def _vector(self, text: str) -> np.ndarray:
        words = text.lower().replace(".", " ").split()
        vector = np.sum([self._word(word) for word in words], axis=0) if words else np.zeros(self.n_dimensions)
        return (vector / max(np.linalg.norm(vector), 1e-12)).astype(np.float32)

    def encode(self, texts: list[str]) -> Embeddings:
        spans = []
        for paragraph, text in enumerate(texts):
            start = 0
            for part in text.split(".")[:-1]:
                spans.append((paragraph, start, start + len(part) + 1))
                start += len(part) + 1
        none = np.zeros((len(texts), 0, self.n_dimensions), dtype=np.float32)
        empty = np.zeros(0, dtype=np.int64)
        columns = np.array(spans, dtype=np.int64).reshape(-1, 3)
        vectors = [self._vector(texts[paragraph][start:end]) for paragraph, start, end in spans]
        return Embeddings(
            texts=tuple(texts),
            vectors=np.array([self._vector(text) for text in texts]).reshape(-1, self.n_dimensions),
            layers=none,
            sentences=Segments(
                np.array(vectors, dtype=np.float32).reshape(-1, self.n_dimensions),
                columns[:, 0],
                columns[:, 1],
                columns[:, 2],
                np.zeros((len(spans), 0, self.n_dimensions), dtype=np.float32),
            ),
            spans=Segments(np.zeros((0, self.n_dimensions), dtype=np.float32), empty, empty, empty, none[:0]),
            n_tokens=np.array([len(text.split()) for text in texts]),
            n_pieces=np.ones(len(texts), dtype=np.int64),
        )


def sentence(topic: str, rng: np.random.Generator) -> str:
    """Five of a topic's words and a common one."""
    return " ".join([*rng.choice(TOPICS[topic], 5, replace=False), rng.choice(["city", "people"])]).capitalize() + "."


@pytest.fixture(scope="session")
def encoder() -> WordEncoder:
    return WordEncoder()


def make_codebook(*names: str) -> Codebook:
    """One sentence of definition and six anchors a theme."""
    rng = np.random.default_rng(7)
    return Codebook(
        tuple(
            CodebookTheme(name, name.title(), sentence(name, rng), tuple(sentence(name, rng) for _ in range(6)))
            for name in names
        )
    )


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return make_codebook("energy", "sport")


@pytest.fixture(scope="session")
def wider_codebook() -> Codebook:
    return make_codebook("energy", "sport", "health")


@pytest.fixture(scope="session")
def corpus(encoder: WordEncoder) -> tuple[Embeddings, list[set[str]]]:
    """Ninety paragraphs: one topic or two, of which the codebook has energy and sport."""
    rng = np.random.default_rng(3)
    texts, topics = [], []
    for k in range(90):
        own = [list(TOPICS)[k % 4]]
        if k % 4 < 2 and k % 12 < 2:
            own = ["energy", "sport"]
        texts.append(" ".join(sentence(topic, rng) for topic in own for _ in range(2)))
        topics.append(set(own))
    return encoder.encode(texts), topics
