"""A text in another language than the study's is told of; a short one is not judged."""

from __future__ import annotations

import polars as pl
import pytest

from research.corpus import other_language

ENGLISH = (
    "The two ministers met on Monday in Geneva and signed an agreement on grain exports, officials said. It came "
    "after months of talks which had begun in autumn, and it was not what either side had expected. They said that "
    "they would meet again before the end of the year."
)
OTHERS = {
    "de": "Die beiden Minister trafen sich am Montag in Genf und unterzeichneten ein Abkommen über die Ausfuhr von "
    "Getreide, wie Beamte sagten. Es kam nach Gesprächen, die im Herbst begonnen hatten, und war so nicht erwartet "
    "worden. Her mit dem Geld, hieß es also in all den Zeitungen, was man an der Börse nicht gern hörte. ",
    "nl": "De twee ministers kwamen maandag bijeen in Genève en tekenden een akkoord over de uitvoer van graan. Het "
    "was de uitkomst van maanden praten, en we had dat niet verwacht. In de kamer is er nu over gesproken, en men was "
    "het er over eens dat het een goed begin is voor allen die er aan mee hebben gewerkt, zo zei de minister. ",
    "hi": "दोनों मंत्रियों ने सोमवार को जिनेवा में मुलाकात की और अनाज निर्यात पर एक समझौते पर हस्ताक्षर किए। " * 4,
    "zh": "两位部长星期一在日内瓦会晤，签署了粮食出口协议。官员们说，这是两国数月会谈的结果。" * 4,
}


def frame(**texts: str) -> pl.DataFrame:
    return pl.DataFrame({"document_id": list(texts), "text": list(texts.values())})


@pytest.mark.parametrize("language", list(OTHERS))
def test_another_language_is_told_of(language: str) -> None:
    assert other_language(frame(a=ENGLISH, b=OTHERS[language]), "en") == (["b"], 2)


def test_english_is_not() -> None:
    assert other_language(frame(a=ENGLISH, b=ENGLISH.upper()), "en") == ([], 2)


def test_few_words_are_not_judged_alone() -> None:
    assert other_language(frame(a=ENGLISH, b="Tagesordnung: keine."), "en") == ([], 1)
    assert other_language(frame(b="Tagesordnung: keine."), "en") == ([], 0)


def test_short_documents_are_judged_together() -> None:
    lines = OTHERS["de"].split(". ")
    assert other_language(frame(a=lines[0], b=lines[1], c=lines[2]), "en") == (["a", "b", "c"], 3)


def test_nothing_is_said_of_a_language_without_stop_words() -> None:
    assert other_language(frame(a=ENGLISH), "hi") == ([], 0)
