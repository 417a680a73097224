"""The methods paragraph of a paper, from the facts of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["methods_paragraph"]


def methods_paragraph(facts: Mapping[str, Any]) -> str:
    """Write the methods paragraph of a paper.

    Parameters
    ----------
    facts : mapping
        What was done. A sentence about a fact that is missing or None is left out. Known keys:
        ``n_files``, ``n_documents``, ``n_paragraphs``, ``n_units``, ``language``, ``repeats`` (once, printed);
        ``model``, ``model_hash``, ``n_dimensions``, ``layers`` (sequence of int), ``n_split``;
        ``codebook``, ``n_codebook_themes``, ``n_discovered_themes``, ``discovery``;
        ``axis``, ``n_anchors``, ``n_anchor_subjects``, ``poles`` (negative, positive);
        ``targets`` (sequence of str), ``voice`` (own, all);
        ``confidence`` (0 to 1), ``n_resamples``, ``seed``, ``software`` (mapping of name to version, or str).

    Returns
    -------
    str
        Plain text, one paragraph.

    Examples
    --------
    >>> methods_paragraph({"n_files": 1, "n_documents": 1, "n_paragraphs": 12, "seed": 0})
    'We analysed 12 paragraphs of 1 document (1 file). All random draws come from the seed 0.'
    """
    said = [_corpus(facts), _vectors(facts), _themes(facts), _framing(facts), _stance(facts), _inference(facts)]
    return " ".join(sentence for sentence in said if sentence)


def _corpus(facts: Mapping[str, Any]) -> str:
    sentences = []
    if facts.get("n_paragraphs") is not None:
        read = f"We analysed {_count(facts['n_paragraphs'], 'paragraph')}"
        if facts.get("n_documents") is not None:
            read += f" of {_count(facts['n_documents'], 'document')}"
        if facts.get("n_files") is not None:
            read += f" ({_count(facts['n_files'], 'file')})"
        if facts.get("language"):
            read += f", in the language “{facts['language']}”"
        sentences.append(read + ".")
        left_out = (facts.get("n_units") or 0) - facts["n_paragraphs"]
        if left_out > 0:
            sentences.append(
                f"Of {_count(facts['n_units'], 'non-empty line')}, {left_out:,} were set aside as titles, headings, "
                "captions, page furniture or repeats within a document."
            )
    if facts.get("repeats") == "once":
        sentences.append("A paragraph that several documents print counts once.")
    elif facts.get("repeats") == "printed":
        sentences.append("A paragraph counts as often as it is printed.")
    return " ".join(sentences)


def _vectors(facts: Mapping[str, Any]) -> str:
    if not facts.get("model"):
        return ""
    sentence = f"Paragraphs and sentences were represented by the sentence encoder {facts['model']}"
    inside = []
    if facts.get("model_hash"):
        inside.append(f"weights SHA-256 {str(facts['model_hash']).removeprefix('sha256:')[:12]}")
    if facts.get("n_dimensions"):
        inside.append(f"{facts['n_dimensions']} dimensions")
    if inside:
        sentence += f" ({', '.join(inside)})"
    if facts.get("layers"):
        sentence += f", with the hidden states of {_layers(facts['layers'])} for framing and stance"
    sentence += "."
    if facts.get("n_split"):
        verb = "was" if facts["n_split"] == 1 else "were"
        sentence += (
            f" {_count(facts['n_split'], 'paragraph')} longer than the encoder's limit {verb} encoded in pieces and "
            "the pieces averaged."
        )
    return sentence


def _themes(facts: Mapping[str, Any]) -> str:
    codebook, discovery = facts.get("codebook"), facts.get("discovery")
    sentences = []
    if codebook:
        themes = f" ({_count(facts['n_codebook_themes'], 'theme')})" if facts.get("n_codebook_themes") else ""
        sentences.append(
            f"Themes were assigned by comparing each sentence with the anchor sentences of the codebook "
            f"“{codebook}”{themes}; a paragraph may carry several themes."
        )
    if discovery and discovery != "none":
        name = {"hdbscan": "UMAP and HDBSCAN"}.get(str(discovery), str(discovery))
        found = facts.get("n_discovered_themes")
        what = "Paragraphs that fit none were searched for further themes" if codebook else "Themes were discovered"
        sentences.append(f"{what} with {name}" + (f", which gave {found:,}." if found is not None else "."))
    return " ".join(sentences)


def _framing(facts: Mapping[str, Any]) -> str:
    if not facts.get("axis"):
        return ""
    negative, positive = facts.get("poles") or ("its negative pole", "its positive pole")
    anchors = f" by {_count(facts['n_anchors'], 'anchor text')}" if facts.get("n_anchors") else ""
    if anchors and facts.get("n_anchor_subjects"):
        anchors += f" on {_count(facts['n_anchor_subjects'], 'subject')}"
    return (
        f"Framing was scored on the axis “{facts['axis']}”, fixed{anchors or ' by its anchor texts'}: +1 means "
        f"{positive}, 0 plain report, −1 {negative}; scores do not depend on the other texts of the corpus."
    )


def _stance(facts: Mapping[str, Any]) -> str:
    targets = facts.get("targets")
    if not targets:
        return ""
    sentence = (
        f"Stance toward {_join(list(targets))} was scored from the sentences that mention each, as in favor, neutral "
        "or against; a paragraph that does not mention a target has no stance toward it."
    )
    if facts.get("voice") == "own":
        sentence += " Only the text's own voice counts, not that of people it quotes."
    elif facts.get("voice") == "all":
        sentence += " Quoted voices count like the text's own."
    return sentence


def _inference(facts: Mapping[str, Any]) -> str:
    sentences = []
    if facts.get("confidence"):
        sentences.append(
            f"Intervals are {100 * facts['confidence']:g}% intervals: a document's covers measurement (anchors and "
            "sentences), a group's also the differences between its documents."
        )
    if facts.get("n_resamples"):
        sentences.append(
            f"Groups were compared by two-sided permutation of whole documents, exact where they are few and else with "
            f"{facts['n_resamples']:,} draws, and corrected after Benjamini and Hochberg."
        )
    if facts.get("seed") is not None:
        sentences.append(f"All random draws come from the seed {facts['seed']}.")
    software = facts.get("software")
    if isinstance(software, Mapping):
        sentences.append(f"Software: {', '.join(f'{name} {version}' for name, version in software.items())}.")
    elif software:
        sentences.append(f"Software: {software}.")
    return " ".join(sentences)


def _layers(layers: Sequence[int]) -> str:
    return f"layer {layers[0]}" if len(layers) == 1 else f"layers {_join([str(layer) for layer in layers])}"


def _join(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
