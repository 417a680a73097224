"""Tell which documents do not seem to be in the language that a study says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from research.corpus._stop_words import stop_words
from research.corpus._text import count_words

if TYPE_CHECKING:
    import polars as pl

__all__ = ["other_language"]

LEAST_WORDS = 50
"""Words below which nothing is said of a document's language."""
LEAST_SHARE = 0.05
"""Share of telling stop words below which a document is not taken for one of its language: none of 1,500 articles of
American news had less than 0.15, and text in German, French, Dutch, Spanish, Italian or Swedish has 0 to 0.03."""

# Spelt like words of Dutch, German, Italian or the Nordic languages, as many words of one and two letters are.
_ELSEWHERE = frozenset(["all", "also", "for", "had", "her", "here", "most", "must", "over", "per", "under", "was"])
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def other_language(paragraphs: pl.DataFrame, language: str) -> tuple[list[str], int]:
    """Find the documents in which the language's stop words are too rare for running text of that language.

    Counted are stop words of three letters or more that other languages do not share.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        With columns document_id and text, as of a `Corpus`.
    language : str
        ISO 639-1 code. Of a language without stop words nothing is said.

    Returns
    -------
    documents : list of str
        Ids of those below `LEAST_SHARE`, sorted.
    n_judged : int
        Documents of `LEAST_WORDS` words or more; where there is none, all documents, which are then judged together.
        Lists and tables of names may be told of wrongly.

    Examples
    --------
    >>> import polars as pl
    >>> text = "Die Minister trafen sich am Montag und unterzeichneten ein Abkommen. " * 8
    >>> other_language(pl.DataFrame({"document_id": ["a"], "text": [text]}), "en")
    (['a'], 1)
    """
    stops = {word for word in stop_words(language) if len(word) > 2} - _ELSEWHERE
    if not stops:
        return [], 0
    words: dict[str, int] = {}
    found: dict[str, int] = {}
    for document, text in paragraphs.select("document_id", "text").iter_rows():
        words[document] = words.get(document, 0) + count_words(text)
        said = _WORD.findall(text.casefold().replace("’", "'"))
        found[document] = found.get(document, 0) + sum(word in stops for word in said)
    judged = [document for document, n in words.items() if n >= LEAST_WORDS]
    if judged:
        return sorted(document for document in judged if found[document] < LEAST_SHARE * words[document]), len(judged)
    n_words = sum(words.values())
    if n_words < LEAST_WORDS:
        return [], 0
    return (sorted(words) if sum(found.values()) < LEAST_SHARE * n_words else []), len(words)
