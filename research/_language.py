"""Codes of languages: the one way in which they are written here."""

from __future__ import annotations

from typing import Any

from research._shipped import nearest
from research.errors import InputError

__all__ = ["language_code"]

# ISO 639-1, with the English names, by which people call a language that they have no code for.
_NAMES = """
    aa afar, ab abkhazian, ae avestan, af afrikaans, ak akan, am amharic, an aragonese, ar arabic, as assamese, av
    avaric, ay aymara, az azerbaijani, ba bashkir, be belarusian, bg bulgarian, bi bislama, bm bambara, bn bengali, bo
    tibetan, br breton, bs bosnian, ca catalan, ce chechen, ch chamorro, co corsican, cr cree, cs czech, cu slavonic, cv
    chuvash, cy welsh, da danish, de german, dv divehi, dz dzongkha, ee ewe, el greek, en english, eo esperanto, es
    spanish, et estonian, eu basque, fa persian, ff fulah, fi finnish, fj fijian, fo faroese, fr french, fy frisian, ga
    irish, gd gaelic, gl galician, gn guarani, gu gujarati, gv manx, ha hausa, he hebrew, hi hindi, ho hiri-motu, hr
    croatian, ht haitian, hu hungarian, hy armenian, hz herero, ia interlingua, id indonesian, ie interlingue, ig igbo,
    ii yi, ik inupiaq, io ido, is icelandic, it italian, iu inuktitut, ja japanese, jv javanese, ka georgian, kg kongo,
    ki kikuyu, kj kuanyama, kk kazakh, kl kalaallisut, km khmer, kn kannada, ko korean, kr kanuri, ks kashmiri, ku
    kurdish, kv komi, kw cornish, ky kyrgyz, la latin, lb luxembourgish, lg ganda, li limburgish, ln lingala, lo lao, lt
    lithuanian, lu luba-katanga, lv latvian, mg malagasy, mh marshallese, mi maori, mk macedonian, ml malayalam, mn
    mongolian, mr marathi, ms malay, mt maltese, my burmese, na nauru, nb bokmal, nd north-ndebele, ne nepali, ng
    ndonga, nl dutch, nn nynorsk, no norwegian, nr south-ndebele, nv navajo, ny chichewa, oc occitan, oj ojibwa, om
    oromo, or odia, os ossetian, pa punjabi, pi pali, pl polish, ps pashto, pt portuguese, qu quechua, rm romansh, rn
    rundi, ro romanian, ru russian, rw kinyarwanda, sa sanskrit, sc sardinian, sd sindhi, se northern-sami, sg sango, si
    sinhala, sk slovak, sl slovenian, sm samoan, sn shona, so somali, sq albanian, sr serbian, ss swati, st sotho, su
    sundanese, sv swedish, sw swahili, ta tamil, te telugu, tg tajik, th thai, ti tigrinya, tk turkmen, tl tagalog, tn
    tswana, to tonga, tr turkish, ts tsonga, tt tatar, tw twi, ty tahitian, ug uyghur, uk ukrainian, ur urdu, uz uzbek,
    ve venda, vi vietnamese, vo volapuk, wa walloon, wo wolof, xh xhosa, yi yiddish, yo yoruba, za zhuang, zh chinese,
    zu zulu
"""
_CODE_OF = {name: code for code, name in (pair.split() for pair in _NAMES.split(","))}
_KNOWN = frozenset(_CODE_OF.values())


def language_code(given: Any) -> str:
    """Give a language's code in small letters.

    Raises
    ------
    InputError
        If it is no code of ISO 639-1; names the one that may be meant. What is only done for English would be left out
        in silence otherwise.

    Examples
    --------
    >>> language_code("EN")
    'en'
    >>> language_code("english")
    Traceback (most recent call last):
    research.errors.InputError: `language` is 'english'; give a two-letter code (ISO 639-1) (did you mean `en`?)
    """
    code = given.strip().lower() if isinstance(given, str) else ""
    if code not in _KNOWN:
        raise InputError(f"`language` is {given!r}; give a two-letter code (ISO 639-1){_meant(code)}")
    return code


def _meant(given: str) -> str:
    """Give " (did you mean `x`?)" for a name, the beginning of one, and a name or code with more behind it."""
    if len(given) > 2:
        begun = [name for name in _CODE_OF if name.startswith(given) or given.startswith(name)]
        code = _CODE_OF[begun[0]] if len(begun) == 1 else given[:2]  # as in eng, en-US, deutsch
        if code in _KNOWN:
            return f" (did you mean `{code}`?)"
    close = nearest(given, list(_CODE_OF))
    for name, own in _CODE_OF.items():
        close = close.replace(f"`{name}`", f"`{own}`")
    return close
