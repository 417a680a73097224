"""What the paragraphs of a theme say that those of the other themes do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["class_keywords"]

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


def class_keywords(
    groups: Sequence[Sequence[str]], language: str = "en", n_keywords: int = 10
) -> list[list[tuple[str, float]]]:
    """Find each group's keywords, words and pairs of words, by class-based TF-IDF.

    W_{t,c} = tf_{t,c} log(1 + A / f_t), with tf_{t,c} the share of term t among the terms of class c, f_t its count in
    all classes, and A the mean number of terms a class. A pair of words counts where the group has it twice; a
    word that hardly occurs outside a stronger or equal pair gives way to it. English plurals count with their singular.

    Parameters
    ----------
    groups : sequence of sequence of str
        The texts of each class. A text may be in several.
    language : str, default="en"
        Whose stop words are left out.
    n_keywords : int, default=10

    Returns
    -------
    list of list of (str, float)
        For each group at most `n_keywords` keywords with their weights, heaviest first, ties in alphabetical order.

    References
    ----------
    Grootendorst (2022), BERTopic: Neural topic modeling with a class-based TF-IDF procedure, section 3.3.

    Examples
    --------
    >>> words = class_keywords([["The reactor runs.", "A reactor stops."], ["The bank lends."]])
    >>> words[0][0][0]
    'reactor'
    """
    from research.corpus import stop_words

    stops = stop_words(language)
    unique = sorted({text for group in groups for text in group})
    words = {text: _words(text) for text in unique}
    forms = Counter(word for found in words.values() for word in found)
    lemma = {word: _singular(word, forms) if language == "en" else word for word in forms}
    shown: dict[str, str] = {}  # the commonest form stands for its word
    for word in sorted(forms, key=lambda form: (-forms[form], form)):
        shown.setdefault(lemma[word], word)

    counts: list[Counter[str]] = []
    for group in groups:
        terms: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in group:
            found = [shown[lemma[word]] for word in words[text]]
            useful = [len(word) > 1 and word not in stops and not word.isdigit() for word in words[text]]
            terms.update(word for word, is_useful in zip(found, useful, strict=True) if is_useful)
            pairs.update(
                f"{a} {b}"
                for a, b, x, y in zip(found, found[1:], useful, useful[1:], strict=False)
                if x and y and a != b
            )
        counts.append(terms + Counter({pair: count for pair, count in pairs.items() if count >= 2}))

    overall: Counter[str] = sum(counts, Counter())
    average = sum(overall.values()) / max(len(groups), 1)
    result = []
    for terms in counts:
        total = sum(terms.values())
        weights = {term: count / total * float(np.log1p(average / overall[term])) for term, count in terms.items()}
        chosen: list[tuple[str, float]] = []
        covered: Counter[str] = Counter()
        for term, count in terms.items():
            if " " in term:
                for word in term.split():
                    covered[word] = max(covered[word], count)
        for term in sorted(weights, key=lambda term: (-round(weights[term], 12), term)):
            if len(chosen) == n_keywords:
                break
            if covered[term] >= 0.8 * terms[term]:  # the pair says it better
                continue
            chosen.append((term, weights[term]))
        result.append(chosen)
    return result


def _words(text: str) -> list[str]:
    words = []
    for match in _WORD.finditer(text.lower()):
        word = match.group().replace("’", "'").removesuffix("'s")
        words.append(word)
    return words


def _singular(word: str, forms: Counter[str]) -> str:
    """Give the singular of an English plural, where the texts have that singular too."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        candidates = [word[:-1]]
        if word.endswith("ies"):
            candidates.append(word[:-3] + "y")
        if word.endswith("es"):
            candidates.append(word[:-2])
        for candidate in candidates:
            if candidate in forms:
                return candidate
    return word
