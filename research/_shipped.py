"""Find the axes and codebooks that ship with the package.

They are written once, in the repository's ``configs/``; a wheel carries a copy under ``research/_configs``.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from research.errors import ConfigError

__all__ = ["nearest", "shipped", "ships"]

_HERE = Path(__file__).resolve().parent


def nearest(given: str, known: list[str]) -> str:
    """Give " (did you mean `x`?)" for the known name nearest to the given one, or nothing."""
    close = get_close_matches(given, known, n=1, cutoff=0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""


def shipped(kind: Literal["axes", "codebooks"], name: str | Path) -> Path:
    """Give the file of a shipped axis or codebook, or the path itself where a path was given.

    A name is what has neither a path separator nor the ending ``.yaml`` or ``.yml``.

    Raises
    ------
    ConfigError
        If there is no such file; names what ships and the nearest name.

    Examples
    --------
    >>> shipped("axes", "celebratory").name
    'celebratory.yaml'
    """
    given = Path(name)
    if given.suffix in {".yaml", ".yml"} or given.name != str(name):
        if not given.is_file():
            raise ConfigError(f"{given}: no such file; give the path of a YAML file or the name of one that ships")
        return given
    folder = _folder(kind)
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        raise ConfigError(
            f"no shipped {kind} file is called `{name}`{nearest(str(name), known)}; "
            f"there are {', '.join(known) or 'none'}; a path of your own ends in .yaml"
        )
    return path


def ships(path: Path, kind: Literal["axes", "codebooks"]) -> bool:
    """Tell whether a file lies among those that ship."""
    return path.resolve().parent == _folder(kind).resolve()


def _folder(kind: Literal["axes", "codebooks"]) -> Path:
    packed = _HERE / "_configs" / kind
    return packed if packed.is_dir() else _HERE.parent / "configs" / kind
