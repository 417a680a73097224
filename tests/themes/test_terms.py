from __future__ import annotations

import numpy as np

from research.themes._terms import count_terms, shown_forms, tokenise

TEXTS = [
    "New York Times and the oil rigs",
    "the New York Times",
    "oil rig; an oil rig",
    "Bank of England",
    "bank of england",
]


def _counted(max_words: int) -> dict[str, list[float]]:
    terms = count_terms(TEXTS, "en", max_words)
    used = np.flatnonzero(np.asarray(terms.counts.sum(axis=0)).reshape(-1))
    shown = shown_forms(terms, used)
    return {shown[k]: terms.counts[:, [k]].toarray().reshape(-1).tolist() for k in used.tolist()}


def test_counts_of_words_and_phrases() -> None:
    counted = _counted(3)
    assert counted["oil"] == [1, 0, 2, 0, 0] and counted["rig"] == [1, 0, 2, 0, 0]
    assert counted["oil rig"] == [1, 0, 2, 0, 0]  # the plural counts with it
    assert counted["new york times"] == counted["york times"] == counted["new york"] == [1, 1, 0, 0, 0]
    assert counted["bank of england"] == [0, 0, 0, 1, 1]
    assert not {"the", "of", "bank of", "times oil", "rig oil", "rig oil rig"} & set(counted)


def test_shorter_phrases_are_those_of_the_longer_counts() -> None:
    three = _counted(3)
    assert _counted(2) == {term: counts for term, counts in three.items() if len(term.split()) <= 2}
    assert _counted(1) == {term: counts for term, counts in three.items() if len(term.split()) == 1}


def test_the_parts_of_a_phrase() -> None:
    terms = count_terms(TEXTS, "en", 3)
    shown = shown_forms(terms, np.arange(terms.counts.shape[1]))
    for k, parts in enumerate(terms.parts.tolist()):
        phrase = shown[len(terms.forms) + k]
        named = [shown.get(part, terms.forms[part] if part < len(terms.forms) else "") for part in parts if part >= 0]
        assert all(f" {part} " in f" {phrase} " for part in named) and len(named) in (2, 3, 5)


def test_no_texts_and_no_words() -> None:
    for texts in ([], [""], ["- . 5"], ["the"]):
        assert count_terms(texts, "en", 3).counts.sum() == 0


def test_tokens_keep_the_case_and_abbreviations_whole() -> None:
    assert tokenise("It fell.Then Iran’s U.S. bank_note, S-400!") == [
        ("it", "It"),
        ("fell", "fell"),
        ("", "."),
        ("then", "Then"),
        ("iran", "Iran"),
        ("u.s", "U.S."),
        ("bank", "bank"),
        ("note", "note"),
        ("", ","),
        ("s-400", "S-400"),
        ("", "!"),
    ]
