"""The cross-encoders of a study: further axes that statements define, read by a model of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from research.embedding import default_cache_path
from research.errors import ConfigError, InputError, ModelError
from research.framing import CrossEncoderAxis
from research.study._config import Loaded
from research.study._schema import constructor_values, is_path

__all__ = ["read_cross_encoders"]


def read_cross_encoders(loaded: Loaded[Any], cache: str | Path | None) -> dict[str, CrossEncoderAxis]:
    """Make and load the cross-encoders of a configuration, by name.

    Raises
    ------
    ConfigError
        If a statement is wrong or speaks of a ``{target}``.
    ModelError
        If a model is missing, unsafe or no cross-encoder.
    """
    study = loaded.values
    axes: dict[str, CrossEncoderAxis] = {}
    for name, section in study.cross_encoders.items():
        key = f"{loaded.source}: key `cross_encoders.{name}`"
        if any("{target}" in statement for statement in (*section.positive, *section.negative)):
            raise ConfigError(f"{key} has a statement with {{target}}, which a study does not fill in; write the name")
        values = constructor_values(section, CrossEncoderAxis)
        if is_path(values["model"], "model"):
            values["model"] = loaded.path(values["model"])
        axis = CrossEncoderAxis(
            **values,
            language=study.language,
            cache=cache if cache is not None else default_cache_path(),
            random_state=study.seed,
        )
        try:
            axes[name] = axis.load()
        except InputError as error:
            raise ConfigError(f"{key}: {error}") from None
        except ModelError as error:
            raise ModelError(f"{key}: {error}") from None
    return axes
