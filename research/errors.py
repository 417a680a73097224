"""Every error this package raises on purpose.

Each message is one sentence that a person can act on: which file and key or row, what was found, what is allowed and
what to do. The command line prints the message and leaves with the error's ``exit_code``; it never shows a traceback
for them.
"""

__all__ = [
    "ResearchError",
    "InputError",
    "ConfigError",
    "CorpusError",
    "ModelError",
    "RunFolderError",
    "TableError",
    "VerificationError",
]


class ResearchError(Exception):
    """Base of all errors of this package."""

    exit_code = 2


class InputError(ResearchError, ValueError):
    """A value given to a function or an estimator is not usable."""


class ConfigError(InputError):
    """A configuration, codebook, axis or metadata file is wrong."""


class CorpusError(InputError):
    """The texts cannot be read or hold nothing to work on."""


class ModelError(ResearchError):
    """An embedding model or a saved model is missing, damaged or not the one it claims to be."""


class RunFolderError(ResearchError):
    """A run folder is missing, unfinished, damaged or belongs to another study."""


class TableError(ResearchError):
    """A table of a run does not have the columns, types or ranges its schema demands."""


class VerificationError(ResearchError):
    """A run made again did not give the same files."""

    exit_code = 1
