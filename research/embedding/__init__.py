"""Embedding: from texts to vectors of paragraphs, sentences, spans and hidden layers, and their cache."""

from research.embedding._cache import VectorCache, default_cache_path
from research.embedding._embeddings import Embeddings, Segments, TokenStates
from research.embedding._encoder import Encoder

__all__ = ["Encoder", "Embeddings", "Segments", "TokenStates", "VectorCache", "default_cache_path"]
