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
        ``codebook``, ``n_codebook_themes``, ``n_discovered_themes``, ``discovery``,
        ``discovered_by``, ``threshold``, ``n_labelled`` (paragraphs coded by hand), ``theme_notes`` (sentences,
        quoted);
        ``axis``, ``reads`` (voice, content), ``n_anchors``, ``n_anchor_subjects``, ``poles`` (negative, positive),
        ``shipped_labels`` (mapping with ``n_texts``, ``n_written``, ``alpha``, ``coders``), ``framing_labels`` (mapping
        with ``n_texts``, ``alpha``, ``n_coders``, ``moved``),
        ``framing_notes`` (sentences, quoted), ``further_axes`` and of these ``content_axes`` (sequences of str),
        ``cross_encoders`` (sequence of mappings with ``name``, ``model`` and ``n_statements``);
        ``targets`` (sequence of str), ``voice`` (own, all), ``stance_labels`` (mapping with ``n_mentions``,
        ``n_written``, ``alpha``, ``coders``), ``own_stance`` (mapping with ``n_units``, ``n_coders``, ``alpha``,
        ``n_classes``, ``before``, ``after``, ``moved``);
        ``confidence`` (0 to 1), ``clusters`` (a column), ``n_resamples``, ``seed``, ``software`` (mapping of name to
        version, or str).

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
    sentence += "."
    if layers := list(facts.get("layers") or ()):
        # The last layer knows the topic best and the voice least, so an axis of voice leaves it out.
        own = layers if facts.get("reads") == "content" else layers[:-1] or layers
        used = []
        if facts.get("axis"):
            used.append(f"framing used the hidden states of {_layers(own)}")
        if facts.get("targets"):
            used.append(f"stance {'those' if used else 'used the hidden states'} of {_layers(layers)}")
        if used:
            said = " and ".join(used)
            sentence += f" {said[0].upper()}{said[1:]}."
    if facts.get("n_split"):
        verb = "was" if facts["n_split"] == 1 else "were"
        sentence += (
            f" {_count(facts['n_split'], 'paragraph')} longer than the encoder's limit {verb} encoded in pieces and "
            "the pieces averaged."
        )
    return sentence


def _threshold(facts: Mapping[str, Any]) -> str:
    given = facts.get("threshold")
    return f"{given}" if given is not None else "of the highest expected F1 on the corpus, between .25 and .5"


_CLUSTERERS = {
    "hdbscan": "UMAP and HDBSCAN",
    "leiden": (
        "the Leiden algorithm on the graph of nearest neighbours, at the finest resolution whose silhouette is within "
        "7% of the highest among those of high modularity"
    ),
    "ward": (
        "average linkage on the agreement of many Ward trees, at the cut with the highest silhouette among those of "
        "high modularity"
    ),
}


def _themes(facts: Mapping[str, Any]) -> str:
    codebook, discovery = facts.get("codebook"), facts.get("discovery")
    sentences = []
    if codebook:
        themes = f" ({_count(facts['n_codebook_themes'], 'theme')})" if facts.get("n_codebook_themes") else ""
        sentences.append(
            f"For themes, each sentence was compared with the texts of the codebook “{codebook}”{themes}; a "
            "paragraph's odds of a theme come from the mean of its sentences' odds, calibrated on the codebook's own "
            "texts, each scored as if it were not there. A paragraph has every theme whose probability reaches a "
            f"threshold ({_threshold(facts)}), and may have several; its primary theme is the most probable."
            + (
                ""
                if facts.get("n_discovered_themes")
                else " A paragraph below it for every theme but near one has that theme, with its low probability."
            )
        )
        if facts.get("n_labelled"):
            sentences.append(
                f"Labels given by hand to {_count(facts['n_labelled'], 'paragraph')} corrected this as far as "
                "they lowered the log loss of documents left out; what that does to first themes and to F1 is in the "
                "table label_gain."
            )
    if discovery and discovery != "none":
        name = _CLUSTERERS.get(str(facts.get("discovered_by") or discovery), str(discovery))
        found = facts.get("n_discovered_themes")
        # Only where something was found is it certain that something was searched.
        if found == 0:
            sentences.append("No theme was discovered" + (" outside the codebook." if codebook else "."))
        elif codebook and found:
            sentences.append(
                f"Paragraphs that fit none were searched with {name}, which gave {_count(found, 'theme')}."
            )
        elif not codebook:
            sentences.append(f"Themes were discovered with {name}" + (f", which gave {found:,}." if found else "."))
    sentences += [str(note).strip() for note in facts.get("theme_notes") or ()]
    return " ".join(sentences)


def _framing(facts: Mapping[str, Any]) -> str:
    further = list(facts.get("further_axes") or ())
    also = (
        f"Paragraphs were {'also ' if facts.get('axis') else ''}scored on the "
        f"{'axis' if len(further) == 1 else 'axes'} {_join([f'“{name}”' for name in further])}"
        f"{', in the same way' if facts.get('axis') else ''}."
        if further
        else ""
    )
    if content := list(facts.get("content_axes") or ()):
        names, reads = _join([f"“{name}”" for name in content]), "reads" if len(content) == 1 else "read"
        also += f" Of these {names}, about what a text tells, {reads} the last layer too."
    also = " ".join([*([also] if also else []), *map(_cross_encoder, facts.get("cross_encoders") or ())])
    if not facts.get("axis"):
        return also
    negative, positive = facts.get("poles") or ("its negative pole", "its positive pole")
    anchors = f" by {_count(facts['n_anchors'], 'anchor text')}" if facts.get("n_anchors") else ""
    if anchors and facts.get("n_anchor_subjects"):
        anchors += f" on {_count(facts['n_anchor_subjects'], 'subject')}"
    taught = _taught(facts)
    shipped, own = facts.get("shipped_labels") or {}, facts.get("framing_labels") or {}
    moved = bool(shipped) or bool(own.get("moved", False))
    fixed = "first fixed" if moved else "fixed"
    zero = "plain reports" if moved else "the plain-report anchors"
    sentences = [
        f"Framing was scored on the axis “{facts['axis']}”, {fixed}{anchors or ' by its anchor texts'}: +1 means "
        f"{positive}, 0 {zero}, −1 {negative}; scores do not depend on the other texts of the corpus.",
        *taught,
        ""
        if moved
        else "Its anchors alone define it. They were written for the purpose, and plain reports in real "
        "prose may fall below or above 0: documents can be compared, the zero itself should not be read.",
        *(str(note).strip() for note in facts.get("framing_notes") or ()),
        also,
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _cross_encoder(one: Mapping[str, Any]) -> str:
    return (
        f"The axis “{one['name']}” is the difference between the mean probabilities that a paragraph bears out the "
        f"statements of its two poles ({_count(one['n_statements'], 'statement')} in all), by the cross-encoder "
        f"{one['model']}; its intervals cover the choice of statements only, and no labels say how well it does here."
    )


def _taught(facts: Mapping[str, Any]) -> list[str]:
    """Say which labels moved the axis after its anchors: those it ships with, then the study's own."""
    said = []
    if shipped := facts.get("shipped_labels"):
        by = f", by {shipped['coders']}" if shipped.get("coders") else ""
        said.append(
            f"Labels of {_count(shipped['n_texts'], 'text')} outside this corpus{_written(shipped, '')}"
            f"{_alpha(shipped)}{by}, then moved it; it ships with their effect."
        )
    if own := facts.get("framing_labels"):
        said.append(
            f"Labels given by hand to {_count(own['n_texts'], 'paragraph')} of this corpus by "
            f"{_count(own['n_coders'], 'coder')}{_alpha(own)} "
            + (
                "moved it, since it then put documents not learnt from in a better order; the labelled paragraphs "
                "themselves are scored with what they taught."
                if own.get("moved")
                else "serve to check it; they did not move it, since documents not learnt from came in no better order."
            )
        )
    return said


def _written(facts: Mapping[str, Any], where: str) -> str:
    """Say how many of what was labelled is no news, but was written to be labelled."""
    return f", {facts['n_written']:,} of them {where}written for the purpose" if facts.get("n_written") else ""


def _alpha(labels: Mapping[str, Any]) -> str:
    if labels.get("alpha") is not None:
        return f" (Krippendorff's alpha {labels['alpha']:.2f})"
    apart = labels.get("n_coders", 1) > 1 and labels.get("n_shared") == 0
    return " who coded nothing in common, so that their agreement is not known," if apart else ""


def _stance(facts: Mapping[str, Any]) -> str:
    targets = facts.get("targets")
    if not targets:
        return ""
    sentence = (
        f"Stance toward {_join(list(targets))} was scored from the words around each mention within its sentence, as "
        "in favor, neutral or against; a paragraph that does not mention a target has no stance toward it. A target is "
        "mentioned by a name of its own, by a name that it shares with other targets, or, where it is defined so, "
        "without being named, by a sentence that mentions others which together imply it."
    )
    if shipped := facts.get("stance_labels"):
        by = f", by {shipped['coders']}" if shipped.get("coders") else ""
        sentence += (
            f" The scorer was fixed by anchor texts and by labels of {_count(shipped['n_mentions'], 'mention')} "
            f"outside this corpus{_written(shipped, 'in texts ')}{_alpha(shipped)}{by}."
        )
    if (own := facts.get("own_stance")) and own["n_units"]:
        sentence += _own_stance(own)
    if facts.get("voice") == "own":
        sentence += (
            " Only the text's own voice counts, not that of people it quotes or reports (reports of what others say "
            "are found in English alone): a target named only in their words counts as neutral, with score 0."
        )
    elif facts.get("voice") == "all":
        sentence += " Quoted and reported voices count like the text's own."
    return sentence


def _own_stance(own: Mapping[str, Any]) -> str:
    given = (
        f" Labels given by hand to {_count(own['n_units'], 'pair')} of a paragraph and a target of this corpus by "
        f"{_count(own['n_coders'], 'coder')}{_alpha(own)}"
    )
    if own.get("after") is None:
        return f"{given} moved nothing: what a label does must be judged by other documents, and there were none."
    shown = own["n_classes"] > 1
    over = "over the stances that were coded five times or more"
    if not own["moved"]:
        figure = f" (macro-F1 {own['before']:.2f} {over})" if shown else ""
        return f"{given} serve to check it{figure}; they did not move it, since documents left out were told no better."
    figure = f": macro-F1 {own['after']:.2f} {over}, {own['before']:.2f} before" if shown else ""
    return (
        f"{given} moved it as far as documents left out were told better{figure}; the labelled paragraphs themselves "
        "are scored with what they taught."
    )


def _inference(facts: Mapping[str, Any]) -> str:
    sentences = []
    themes = facts.get("codebook") or facts.get("discovery") not in (None, "none")
    scores = [name for name, asked in (("framing", facts.get("axis")), ("stance", facts.get("targets"))) if asked]
    if facts.get("confidence"):
        said = f"Intervals are {100 * facts['confidence']:g}% intervals"
        labels = "the anchors and the labels that taught the scorer"
        taught = labels if facts.get("stance_labels") else "the anchors only"
        covered = {"framing": "the anchors and the sentences", "stance": taught}
        if scores:
            said += ". A document's covers, " + " and ".join(f"for {name}, {covered[name]}" for name in scores)
            said += "; a group's is a t interval over documents for their mean, not a resampling, and covers this too"
        if themes:
            said += ". " if scores else "; "
            said += "A" if scores else "a"
            said += " share's is the Korn-Graubard interval over documents and takes the assignment of themes as given"
        sentences.append(said + ".")
    if facts.get("n_resamples"):
        clusters = facts.get("clusters")
        said = "Groups of documents were compared with the rest by Welch's t under permutation of documents"
        if clusters:
            sentences.append(
                f"Documents of one {clusters} were taken to depend on one another: intervals and comparisons are "
                "robust to that (CR2 with Satterthwaite's degrees of freedom; Pustejovsky and Tipton 2018)."
            )
            said = (
                "Groups of documents were compared with the rest by that t and, where it has p ≤ .05, by arrangements "
                "of clusters as well, with the larger p"
            )
        if themes:
            signs = f"differences by {clusters}" if clusters else "documents' differences"
            said += (
                f", themes with the other paragraphs by flipping the signs of {signs} and, where that has p ≤ .05, by "
                "permutation within documents as well, with the larger p; both"
            )
        else:
            said += ","
        few = "clusters" if clusters else "documents"
        sentences.append(
            f"{said} two-sided, exact where the {few} are few and else with {facts['n_resamples']:,} random draws or "
            "more, and corrected by Benjamini-Hochberg within a quantity and a kind of groups."
        )
    if facts.get("seed") is not None:
        said = f"All random draws come from the seed {facts['seed']}"
        if facts.get("shipped_labels"):
            said += ", but those of what taught the framing score's axis, which come with it"
        sentences.append(f"{said}.")
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
