from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def make_paragraphs() -> Callable[..., pl.DataFrame]:
    """Build a `paragraphs` table with the columns that inference reads."""

    def make(sizes: dict[str, int], outlets: dict[str, str] | None = None, seed: int = 0) -> pl.DataFrame:
        rng = np.random.default_rng(seed)
        rows = []
        for document, size in sizes.items():
            level = rng.normal(0, 0.3)
            for position in range(size):
                theme = [None, "energy", "trade", "defense"][int(rng.integers(4))]
                stance = float(np.clip(level + rng.normal(0, 0.2), -1, 1)) if rng.random() < 0.6 else None
                rows.append(
                    {
                        "paragraph_id": f"{document}:{position}",
                        "document_id": document,
                        "outlet": (outlets or {}).get(document, "unknown"),
                        "position": position,
                        "n_printed": 1 + int(rng.random() < 0.2),
                        "duplicate_of": None,
                        "theme": theme,
                        "themes": theme,
                        "framing": float(np.clip(level + rng.normal(0, 0.3), -1, 1)),
                        "stance_india_score": stance,
                    }
                )
        overrides = dict.fromkeys(("duplicate_of", "theme", "themes"), pl.String)
        return pl.DataFrame(rows, schema_overrides=overrides, infer_schema_length=None)

    return make
