"""Which stretches of a text are somebody else's words, quoted or reported, and not the author's."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["attributed_stretches", "quoted_stretches", "reported_stretches", "without_stretches"]

Span = tuple[int, int]

# A quotation of fewer words is a term or scare quotes, and the text's own voice goes on through it.
_LEAST_QUOTED_WORDS = 4
# „…“ and „…”, “…”, «…», »…«, "…"; guillemets are read in the direction of the first of a pair.
_QUOTES = re.compile(r"„([^„“”]*)[“”]|“([^”\"]*)(?:[”\"]|$)|«([^«»]*)»|»([^«»]*)«|(?<!\w)\"([^\"]*)\"")

# Verbs whose content is the speaker's, and verbs with which a speaker judges somebody.
_SAY = (
    "acknowledge admit allege announce argue assert assure believe caution complain concede conclude contend declare "
    "deny emphasise emphasize explain insist lament maintain observe predict recall reiterate suggest testify tweet "
    "warn"
)
_SAY_FORMS = (
    "say says said saying tell tells told telling think thinks thought thinking write writes wrote writing stated "
    "stating boasted boasting claimed claiming feared fearing hoped hoping noted noting pledged pledging promised "
    "promising remarked stressed stressing vowed vowing worried worrying"
)
_JUDGE = (
    "accuse applaud condemn criticise criticize decry defend denounce deride describe characterise characterize "
    "dismiss hail lambaste laud mock ridicule tout urge"
)
_JUDGE_FORMS = (
    "blamed blaming blasted blasting called calling labelled labeled labelling labeling praised praising slammed "
    "slamming"
)
# Those of them that are nouns as well, and count where an object or a clause follows.
_AMBIGUOUS = (
    "blame blames boast boasts call calls claim claims fear fears hope hopes label labels note notes pledge pledges "
    "praise praises promise promises remark remarks slam slams stress stresses vow vows worry worries"
)
_OBJECT = re.compile(
    r"\s+(?:that|it|he|she|they|him|her|them|us|me|you|we|the|a|an|his|its|their|this|these|those|there|no|all|"
    r"[A-Z“\"][\w’'.-]*)(?!\w)"
)
# What stands before a noun, so that "the claims of" and "their hopes" are no verbs.
_BEFORE_NOUN = re.compile(
    r"(?:^|\s|[“\"(])(?:a|an|and|any|by|for|from|her|his|in|its|many|more|my|new|no|of|on|other|our|some|such|that|the|"
    r"their|these|this|those|to|with|your|\w+[’']s)\s+$",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:I|[Ww]e)(?:[’']\w+)?(?:\s+(?:\w+ly|also|always|am|are|been|can|could|did|do|had|have|just|long|may|might|must|"
    r"never|not|now|often|should|still|then|was|were|will|would))*\s*$"
)
_PASSIVE = re.compile(r"\b(?:are|be|been|being|got|is|was|were)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_ACCORDING = re.compile(r"\baccording to\b[^,]*", re.IGNORECASE)
_AS = re.compile(r"\W*as\s", re.IGNORECASE)
_PARTICLE = re.compile(r"\s+(?:in|off|on|out|up)\b")
_CLAUSE_BEFORE = re.compile(r",[”\"’']*\s")
_MOST_WORDS_OF_SPEAKER, _MOST_WORDS_AFTER = 8, 4
# How far a cue is looked around, in characters, so that a long line without a full stop takes no longer by the square.
_AROUND = 160


def attributed_stretches(text: str, language: str = "en") -> list[Span]:
    """Give the stretches that are somebody else's words: quotations and, in English, reports of what somebody said.

    Examples
    --------
    >>> text = 'Critics say the deal is a trap. "We will never bow to anyone", he said. The deal helps.'
    >>> [text[a:b] for a, b in attributed_stretches(text)]
    [' the deal is a trap.', '"We will never bow to anyone"']
    """
    from research.corpus import split_sentences

    found = quoted_stretches(text)
    if language == "en":
        for low, high in split_sentences(text, language):
            spoken = [(low + a, low + b) for a, b in reported_stretches(text[low:high])]
            found += [span for span in spoken if not any(_inside(span, other) for other in found)]
    return sorted(found)


def quoted_stretches(text: str) -> list[Span]:
    """Give the quotations of four words or more, marks included.

    Straight and curly double quotes, low ones („…“) and guillemets in either direction; a curly quote that is never
    closed runs to the end of the text, as in speech that goes on in the next paragraph.

    Examples
    --------
    >>> text = 'The "strategic partnership" grew; "we will never bow to anyone", he said.'
    >>> [text[a:b] for a, b in quoted_stretches(text)]
    ['"we will never bow to anyone"']
    """
    found = []
    for match in _QUOTES.finditer(text):
        inside = next(group for group in match.groups() if group is not None)
        if len(inside.split()) >= _LEAST_QUOTED_WORDS:
            found.append(match.span())
    return found


def reported_stretches(sentence: str) -> list[Span]:
    """Give what an English sentence reports as said, thought or judged by somebody else.

    By words alone: what follows the first verb of saying or judging, to the end of the sentence; what comes before
    ", she said"; what "according to" somebody holds; and all of a sentence in which somebody "was accused". Attribution
    has a source, a cue and a content (Pareti 2016); the cue is looked for, what remains is the content, and the source
    stays the author's. Not where the author speaks ("I believe") or the cue is a noun ("their claims", "jobless claims
    fell"). What a following sentence goes on to report is not found, and a verb of saying that only looks like one
    ("he maintained the roads") is taken for one.

    References
    ----------
    Pareti (2016), PARC 3.0: A corpus of attribution relations, LREC.

    Examples
    --------
    >>> for text in ("I think they lie.", "He says they lie.", "They were accused of lying.", "It rained, he said."):
    ...     print([text[a:b] for a, b in reported_stretches(text)])
    []
    [' they lie.']
    ['They were accused of lying.']
    ['It rained']
    """
    found: list[Span] = []
    word = re.search(r"\w", sentence)
    first = word.start() if word else len(sentence)
    for match in _ACCORDING.finditer(sentence):
        if match.start() > first:
            found.append((0, match.start()))
        else:  # where no comma ends the source, all of the sentence is theirs
            found.append((match.end() if match.end() < len(sentence) else match.start(), len(sentence)))
    for match in _cues().finditer(sentence):
        if match.start() <= first:
            continue
        low = max(0, match.start() - _AROUND)
        before, after = sentence[low : match.start()], sentence[match.end() : match.end() + _AROUND]
        ends = match.end() + len(after) == len(sentence) and len(after.split()) <= _MOST_WORDS_AFTER
        if _BEFORE_NOUN.search(before) or _FIRST_PERSON.search(before) or _PARTICLE.match(after):
            continue
        if match["ambiguous"] and not _OBJECT.match(after):
            continue
        if after.startswith(",") and not ends and not _AS.match(sentence):
            continue  # "whatever anyone hoped, the pact failed" is the author's, "as the minister said, ..." is not
        clauses = [low + comma.start() for comma in _CLAUSE_BEFORE.finditer(before)]
        if match["judge"] and _PASSIVE.search(before):
            found.append((0, len(sentence)))
        elif (
            clauses
            and ends
            and len(sentence[clauses[-1] + 1 : match.start()].split()) <= _MOST_WORDS_OF_SPEAKER
            and not after.lstrip().startswith("that")
        ):
            found.append((0, clauses[-1]))
        else:
            found.append((match.end(), len(sentence)))
        break
    return found


def without_stretches(spans: list[Span], stretches: list[Span]) -> list[Span]:
    """Give what is left of spans when sorted stretches are taken out.

    Examples
    --------
    >>> without_stretches([(0, 10), (11, 20)], [(4, 6), (15, 20)])
    [(0, 4), (6, 10), (11, 15)]
    """
    left = []
    for low, high in spans:
        for start, end in stretches:
            if low < end and start < high:
                if low < start:
                    left.append((low, start))
                low = max(low, end)
        if low < high:
            left.append((low, high))
    return left


def _inside(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]


@cache
def _cues() -> re.Pattern[str]:
    say = sorted({*_SAY_FORMS.split(), *(form for verb in _SAY.split() for form in _forms(verb))})
    judge = sorted({*_JUDGE_FORMS.split(), *(form for verb in _JUDGE.split() for form in _forms(verb))})
    kinds = ("|".join(say), f"(?P<judge>{'|'.join(judge)})", f"(?P<ambiguous>{'|'.join(_AMBIGUOUS.split())})")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(kinds)})(?![\w-])")


def _forms(verb: str) -> tuple[str, ...]:
    """Give a regular verb's forms."""
    if verb == "admit":
        return verb, "admits", "admitted", "admitting"
    if verb.endswith("e"):
        return verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y"):
        return verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    return verb, f"{verb}{'es' if verb.endswith('ss') else 's'}", f"{verb}ed", f"{verb}ing"
