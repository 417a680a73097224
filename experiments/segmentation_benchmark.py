"""Does the segmentation keep the paragraphs of scraped news pages, and nothing else.

Question
    Of the lines that are running text, how many are dropped; of the furniture and captions, how many are caught; of
    what is dropped, how much deserves it?

Command
    python -m experiments.segmentation_benchmark configs/experiments/segmentation_benchmark.yaml --set data=FOLDER
Run time
    About two minutes on two cores.
Expected
    The table `rates`. The lines of `allsides_news` in `labels` were drawn by a seed from one half of the articles
    (those whose identifier's SHA-256 is odd): lines that the rules of that day dropped, lines kept that look risky,
    and other lines kept. The rules had been mended in view of the other half. Two coders (language models, so they
    agree more than people would) judged each line by the codebook there, apart from one another and blind to the
    rules. Repeated lines are folded, not dropped, and were not drawn. Which lines could be drawn hung on the rules of
    that day, so the samples are kept (identifiers and hashes) and not drawn anew. docs/segmentation.md has the figures
    of all three.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._news_sample import paragraphs_of, read_articles, text_hash
from research import read_corpus
from research.errors import InputError
from research.inference import krippendorff_alpha
from research.study import Loaded, Outcome, PathValue, Section, experiment_main, file_hash

TITLE = "Segmentation of scraped news pages against two coders"
METHODS = (
    "A line counts by the share of the coders who gave it a kind. Lines dropped and lines kept were drawn separately; "
    "each stands for as many lines as its part of the draw had over the number drawn. Intervals are percentiles of "
    "resamples of each part's lines."
)
_KINDS = ("text", "heading", "caption", "furniture")
_CODERS = ("coder_a.csv", "coder_b.csv")
_CORPUS = "allsides_news.jsonl.gz"

Floats = NDArray[np.float64]


class Settings(Section):
    """What is judged."""

    data: Annotated[str, PathValue("file")] = Field(description="The folder of the corpora.")
    labels: Annotated[str, PathValue("file")] = Field(description="The folder of the sample and its labels.")
    seed: int = 20261125
    n_resamples: int = Field(2000, ge=100)


def judge(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Segment the corpus and compare the sampled lines with the coders."""
    settings = loaded.values
    data, labels = loaded.path(settings.data), loaded.path(settings.labels)
    files = [labels / name for name in ("sample.csv", *_CODERS)]
    for path in files:
        if not path.is_file():
            raise InputError(f"{path}: no such file; key `labels` must name the folder that holds it")
    sample = pl.read_csv(files[0])
    coded = [_judgements(path, sample["unit"].to_list()) for path in files[1:]]
    votes = np.mean([[[kind == name for name in _KINDS] for kind in coder] for coder in coded], axis=0)
    progress("segmenting", 0, 1)
    dropped = _dropped(read_articles(data), sample)
    progress("segmenting", 1, 1)
    stratum = sample["stratum"].to_numpy()
    sizes = {name: int(np.sum(stratum == name)) for name in np.unique(stratum)}
    weight = sample["n_stratum"].to_numpy() / np.array([sizes[name] for name in stratum])
    rng = np.random.default_rng(settings.seed)
    parts = [np.flatnonzero(stratum == name) for name in sizes]
    draws = [np.concatenate([rng.choice(part, len(part)) for part in parts]) for _ in range(settings.n_resamples)]
    text, heading, caption, furniture = votes.T
    # (what, the lines asked about, those among them that count)
    asked = (
        ("true paragraphs that are dropped", text, dropped, "at most .01"),
        ("furniture and captions that are dropped", furniture + caption, dropped, "at least .90"),
        ("headings that are dropped", heading, dropped, ""),
        ("dropped lines that are no paragraphs", dropped, 1 - text, ""),
    )
    rows = []
    for what, among, counts, to_reach in asked:
        part, whole = weight * among * counts, weight * among
        low, high = np.quantile([part[d].sum() / whole[d].sum() for d in draws], [0.025, 0.975])
        rows.append((what, part.sum() / whole.sum(), low, high, to_reach))
    rates = pl.DataFrame(rows, schema=["rate", "estimate", "low", "high", "to_reach"], orient="row")
    alpha = float(krippendorff_alpha(coded, "nominal"))
    lines = sample.with_columns(
        pl.Series("dropped", dropped), *(pl.Series(f"coder_{c}", kinds) for c, kinds in zip("ab", coded, strict=True))
    )
    return Outcome(
        tables={"rates": rates, "lines": lines},
        plots=[],
        findings=[
            *(f"{name}: {value:.3f} [{low:.3f}, {high:.3f}] {reach}".strip() for name, value, low, high, reach in rows),
            f"{len(sample)} lines of {sample['outlet'].n_unique()} outlets; the coders' nominal alpha is {alpha:.2f}.",
        ],
        methods=METHODS,
        notes=["The coders are language models: their agreement is higher than people's would be."],
        inputs={
            f"data/{_CORPUS}": file_hash(data / _CORPUS),
            **{f"labels/{path.name}": file_hash(path) for path in files},
        },
        model={},
    )


def _judgements(path: Path, units: list[int]) -> list[str]:
    """Give a coder's kinds in the sample's order."""
    given = dict(pl.read_csv(path).select("unit", "kind").iter_rows())
    for unit in units:
        if given.get(unit) not in _KINDS:
            raise InputError(
                f"{path}: unit {unit} of the sample has {given.get(unit, 'no judgement')!r}; give each of the "
                f"{len(units)} units one of {', '.join(_KINDS)}"
            )
    return [given[unit] for unit in units]


def _dropped(articles: list[dict[str, str]], sample: pl.DataFrame) -> NDArray[np.bool_]:
    """Say of each sampled line whether the rules drop it, all articles read together."""
    hashes = {each.paragraph_id: text_hash(each.text) for each in paragraphs_of(articles)}
    wanted = list(sample.select("document_id", "line", "text_hash").iter_rows())
    for document, line, judged in wanted:
        if hashes.get(f"{document}:{line}") != judged:
            raise InputError(
                f"{_CORPUS}: line {line} of {document} is not the one that was judged; use the same corpus"
            )
    frame = pl.DataFrame({name: [row[name] for row in articles] for name in ("id", "outlet", "title", "text")})
    units = read_corpus(frame).units
    kinds = {(document, line): kind for document, line, kind in units.select("document_id", "line", "kind").iter_rows()}
    return np.array([kinds[document, line] != "paragraph" for document, line, _ in wanted])


if __name__ == "__main__":
    experiment_main("segmentation_benchmark", TITLE, Settings, judge)
