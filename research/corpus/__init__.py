"""Read texts with their metadata, say what each line is, and find what is printed twice."""

from __future__ import annotations

from research.corpus._corpus import Corpus, read_corpus, read_documents, representatives
from research.corpus._files import NoFileError, column_names, find_files, is_text_file, read_csv
from research.corpus._language import other_language
from research.corpus._segment import JOINED
from research.corpus._sentences import split_sentences
from research.corpus._stop_words import VALIDATED_LANGUAGES, stop_words
from research.corpus._text import count_words

__all__ = [
    "JOINED",
    "VALIDATED_LANGUAGES",
    "Corpus",
    "NoFileError",
    "column_names",
    "count_words",
    "find_files",
    "is_text_file",
    "other_language",
    "read_corpus",
    "read_csv",
    "read_documents",
    "representatives",
    "split_sentences",
    "stop_words",
]
