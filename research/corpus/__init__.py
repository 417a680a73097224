"""Read texts with their metadata, say what each line is, and find what is printed twice."""

from __future__ import annotations

from research.corpus._corpus import Corpus, read_corpus, representatives
from research.corpus._files import is_text_file
from research.corpus._language import other_language
from research.corpus._sentences import split_sentences
from research.corpus._stop_words import VALIDATED_LANGUAGES, stop_words

__all__ = [
    "VALIDATED_LANGUAGES",
    "Corpus",
    "is_text_file",
    "other_language",
    "read_corpus",
    "representatives",
    "split_sentences",
    "stop_words",
]
