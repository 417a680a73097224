"""What the operating system refused, in words that say what to do."""

from __future__ import annotations

import errno

__all__ = ["reason", "refused"]

_ADVICE = {
    errno.ENOSPC: "no space is left on the disk; free some",
    errno.EDQUOT: "your quota of disk space is used up; free some",
    errno.EFBIG: "a limit on the size of files is reached (see `ulimit -f`); raise it",
    errno.EROFS: "the disk is mounted for reading only; choose another place",
    errno.EACCES: "you have no permission; choose another place, or ask for it",
    errno.EPERM: "you have no permission; choose another place, or ask for it",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another place",
    errno.EEXIST: "a file of that name is in the way; choose another place",
    errno.EISDIR: "a folder of that name is in the way; choose another place",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EIO: "the disk failed to read or write; check it, or choose another",
    errno.EMFILE: "too many files are open (see `ulimit -n`); raise the limit",
}


def refused(error: OSError) -> str:
    """Give a clause on why a file could not be read or written, and what to do.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    str
        To stand after the name of the file; without a full stop.

    Examples
    --------
    >>> refused(OSError(errno.ENOSPC, "No space left on device"))
    'no space is left on the disk; free some'
    """
    return _ADVICE.get(error.errno or 0, f"{error.strerror or error}; choose another place")


def reason(error: OSError) -> str:
    """Give why a file could not be read or written, where what to do about it is another thing than `refused` says.

    Examples
    --------
    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'no space is left on the disk'
    """
    return refused(error).partition(";")[0]
