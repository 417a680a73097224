"""Rates of grammatical devices by which English prose weighs, explains, attributes or praises.

Closed lists as a reference grammar or a study of metadiscourse gives them (Hyland 2005: hedges, boosters, evidentials,
transitions), none fitted to a corpus. Lists of symbols and promises are left out on purpose: in trials they helped
on one corpus and hurt on others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from research._texts import refuse_tables

__all__ = ["STYLE_FEATURES", "style_features"]

# `*` stands for any ending.
_LISTS: dict[str, str] = {
    "contrast": "but|however|although|though|yet|despite|in spite of|whereas|nevertheless|nonetheless|even so|even as|"
    "on the other hand|by contrast|in contrast|notwithstanding|rather than|instead|at the same time|while|still",
    "constraint": "constrain*|limit|limits|limited|limiting|limitation*|restrict*|obstacle*|barrier*|hurdle*|"
    "bottleneck*|shortage*|shortfall*|deficit*|imbalance*|depend|depends|dependen*|relian*|rel(?:y|ies) on|risk*|"
    "vulnerab*|uncertain*|difficult*|delay*|cost|costs|costly|burden*|pressure*|tension*|trade-off*|dilemma*|unresolved|"
    "insufficient*|inadequate*|lack|lacks|lacking|lacked",
    "hedge": "may|might|could|would|likely|unlikely|perhaps|possibly|probably|apparently|appear*|seem*|suggest*|"
    "arguabl*|presumabl*|largely|partly|somewhat|relatively|to some extent|in part|tend|tends|tended|roughly|fairly|"
    "not necessarily",
    "conditional": "if|unless|whether|provided that|as long as|so long as|depending on|in case|otherwise|until",
    "attribution": "according to|analyst*|expert*|economist*|observer*|critic|critics|scholar*|researcher*|argue*|"
    "arguing|contend*|caution*|warn*|estimate*|estimating|concede*|acknowledg*|sceptic*|skeptic*",
    "explanation": "because|therefore|thus|hence|consequently|accordingly|due to|owing to|as a result|in order to|"
    "so that|means that|meaning that|reflect|reflects|reflecting|stem*|driven by|result* (?:from|in)|in turn|"
    "which is why|explain*|the reason*|impl(?:y|ies|ication*)",
    "praise": "admir*|beautiful*|brilliant*|cherish*|enduring|excellent|exceptional*|extraordinar*|glorious*|glow*|"
    "grand|great|historic|ideal|impressive*|inspir*|landmark|magnificent*|marvel*|memorable|outstanding|perfect*|proud*|"
    "remarkabl*|shining|splendid*|steadfast*|superb*|time-tested|triumph*|unshakeable|vibrant|visionary|warm|warmth|"
    "wonderful*",
    "intensifier": "very|truly|deeply|highly|greatly|extremely|immensely|tremendous*|absolutely|undoubtedly|"
    "undeniabl*|unquestionabl*|clearly|indeed|always|never before|ever|every|unprecedented*|unparalleled|unrivalled|"
    "unmatched|best|greatest|finest|highest|most|forever",
}
STYLE_FEATURES: tuple[str, ...] = tuple(_LISTS)

_MANY = 1_000  # texts from which on the rates of all of them are kept
_KEPT = 4  # such lists of texts: several axes read the same paragraphs and sentences, more than once each
_kept: dict[bytes, NDArray[np.float64]] = {}

# Hits in this many words count as one: about the length of a news sentence.
_UNIT = 25.0


def _pattern(words: str) -> re.Pattern[str]:
    anyhow = words.replace("*", "[a-z-]*").replace(" ", r"\s+")  # words of a phrase stand apart as the text has them
    return re.compile(rf"(?<![\w-])(?:{anyhow})(?![\w-])", re.IGNORECASE)


_PATTERNS = tuple(_pattern(words) for words in _LISTS.values())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def style_features(texts: Sequence[str]) -> NDArray[np.float64]:
    """Give each text's rate of each device, hits / (hits + words / 25), in [0, 1).

    The rate is per word, so that length does not enter, and saturates, so that one sentence with three of them is not
    three times as telling. A text shorter than 25 words counts as 25, or one hit in a fragment would fill the rate.

    Parameters
    ----------
    texts : sequence of str
        English.

    Returns
    -------
    ndarray of float64, shape (n_texts, 8)
        Columns as `STYLE_FEATURES`.

    References
    ----------
    Hyland (2005), Metadiscourse.

    Examples
    --------
    >>> rates = style_features(["But the deal may slip if costs rise.", "The ministers met on Monday."])
    >>> [name for name, rate in zip(STYLE_FEATURES, rates[0]) if rate]
    ['contrast', 'constraint', 'hedge', 'conditional']
    >>> bool(rates[1].any())
    False
    """
    refuse_tables(texts)
    if len(texts) < _MANY:
        return _of_each(texts)
    key = _digest(texts)
    found = _kept.pop(key, None)
    if found is None:
        found = _of_each(texts)
    for oldest in list(_kept)[: max(len(_kept) - _KEPT + 1, 0)]:
        _kept.pop(oldest, None)
    _kept[key] = found
    return found.copy()


def _digest(texts: Sequence[str]) -> bytes:
    digest = hashlib.blake2b(np.array([len(text) for text in texts], dtype=np.int64).tobytes(), digest_size=16)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _of_each(texts: Sequence[str]) -> NDArray[np.float64]:
    rates = np.empty((len(texts), len(_PATTERNS)))
    for row, text in enumerate(texts):
        rates[row] = _rates(text)
    return rates


@lru_cache(maxsize=4_096)  # anchors and explanations read few texts again and again
def _rates(text: str) -> tuple[float, ...]:
    units = max(len(_WORD.findall(text)) / _UNIT, 1.0)
    hits = [sum(1 for _ in pattern.finditer(text)) for pattern in _PATTERNS]
    return tuple(found / (found + units) for found in hits)
