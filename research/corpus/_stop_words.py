"""The words that tell nothing of a text's subject."""

from __future__ import annotations

from research._language import language_code

__all__ = ["VALIDATED_LANGUAGES", "stop_words"]

VALIDATED_LANGUAGES = ("en",)
"""Languages whose rules (segmentation, sentences, stop words) were checked on real text."""

# Function words only. Longer lists hold words that news is about: bill, fire, interest, system, mine.
_ENGLISH_WORDS = """
a about above across after afterwards again against ago all almost along already also although always am amid
among an and another any anyone anything are around as at away back be because been before behind being below
beside besides between beyond both but by can cannot could despite did do does doing done down during each
either else even ever every everyone everything few for from further had has have having he her here hers
herself him himself his how however i if in including indeed instead into is it its itself just later least
less like made make many may maybe me meanwhile might more moreover most much must my myself near neither
nevertheless next no nobody none nor not nothing now of off often on once one only onto or other others
otherwise our ours ourselves out over own per perhaps quite rather really same shall she should since so some
someone something soon still such than that the their theirs them themselves then there therefore these they
this those though through throughout thus till to together too toward towards two under until up upon us very
was we well were what whatever when whenever where whereas whether which while who whoever whole whom whose
why will with within without would yet you your yours yourself yourselves said says say saying told according
's s t d ll m o re ve don didn doesn isn aren wasn weren hasn haven hadn won wouldn shouldn couldn ain don't
didn't doesn't isn't aren't wasn't weren't hasn't haven't hadn't won't wouldn't shouldn't couldn't can't it's
he's she's that's there's they're we're you're i'm i've we've they've i'll we'll they'll he'd she'd they'd
let's mr mrs ms
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


def stop_words(language: str) -> frozenset[str]:
    """Give the stop words of a language: small letters, straight apostrophes; none but English's are known.

    Parameters
    ----------
    language : str
        ISO 639-1 code.

    Returns
    -------
    frozenset of str
        Empty for other languages than English.

    Examples
    --------
    >>> "the" in stop_words("en"), "bill" in stop_words("en"), len(stop_words("hi"))
    (True, False, 0)
    """
    return _ENGLISH if language_code(language) == "en" else frozenset()
