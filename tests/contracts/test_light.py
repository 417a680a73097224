"""`import research` and `research --help` cost next to nothing."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = (
    "torch",
    "umap",
    "numba",
    "hdbscan",
    "matplotlib",
    "sklearn",
    "plotly",
    "polars",
    "pandas",
    "scipy",
    "transformers",
)


@pytest.mark.parametrize("statement", ["import research", "import research.cli", "import research; dir(research)"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    program = f"{statement}; import sys; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_help_comes_back_at_once() -> None:
    def seconds(*arguments: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - start

    # Paired and the least of several: the machine's other work only ever adds.
    least = min(seconds("-m", "research", "--help") for _ in range(5)) - min(seconds("-c", "pass") for _ in range(5))
    assert least <= 0.5
