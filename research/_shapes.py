"""What was saved fits together, or the model it makes would score without a word of warning, and wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from research.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_shapes", "check_version", "plain", "reading_state"]


def check_version(what: str, meta: Mapping[str, Any], version: int) -> None:
    """Refuse the state of a saved estimator that another release wrote.

    Raises
    ------
    ModelError
        If its version is another.
    """
    if meta.get("version") != version:
        raise ModelError(
            f"the saved {what} has version {meta.get('version')}; this release reads {version}: train it again"
        )


@contextmanager
def reading_state(what: str) -> Iterator[None]:
    """Say in a sentence what a saved estimator lacks, or that it holds something of another form.

    Raises
    ------
    ModelError
        If reading its parts in the block fails.

    Examples
    --------
    >>> with reading_state("axis"):
    ...     {}["weights"]
    Traceback (most recent call last):
        ...
    research.errors.ModelError: the saved axis lacks 'weights'; the model folder is damaged: make the model again
    """
    try:
        yield
    except ModelError:
        raise  # a part of it has said what is wrong
    except KeyError as error:
        raise ModelError(f"the saved {what} lacks {error}; the model folder is damaged: make the model again") from None
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise ModelError(
            f"the saved {what} holds a part of another form than was saved ({error}); the model folder is damaged: "
            "make the model again"
        ) from None


def check_shapes(what: str, arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int | str, ...]]) -> None:
    """Hold the arrays of a saved estimator against the shapes they must have.

    Parameters
    ----------
    what : str
        Of which estimator, for the message.
    arrays : mapping of str to ndarray
    shapes : mapping of str to tuple
        For each array that must be there, its sizes; a name stands for one size, the same wherever it occurs.

    Raises
    ------
    ModelError
        If one is missing or has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> check_shapes("axis", {"w": np.ones((2, 3)), "b": np.ones(2)}, {"w": ("axes", 3), "b": ("axes",)})
    """
    sizes: dict[str, int] = {}
    for name, shape in shapes.items():
        if name not in arrays:
            raise ModelError(f"the saved {what} lacks {name!r}; the model folder is damaged: train it again")
        found = arrays[name].shape
        expected = tuple(sizes.get(size, size) if isinstance(size, str) else size for size in shape)
        fits = len(found) == len(expected) and all(
            isinstance(size, str) or size == n for size, n in zip(expected, found, strict=True)
        )
        if not fits:
            raise ModelError(
                f"the saved {what} has {name!r} of shape {found}, which must be "
                f"({', '.join(map(str, expected))}{',' if len(expected) == 1 else ''}); the model folder is damaged: "
                "train it again"
            )
        sizes.update({size: n for size, n in zip(expected, found, strict=True) if isinstance(size, str)})


def plain(value: Any) -> Any:
    """Give a NumPy scalar as Python's own, for JSON; all else as it is.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.int64(5)), plain("five")
    (5, 'five')
    """
    import numpy as np

    return value.item() if isinstance(value, np.generic) else value
