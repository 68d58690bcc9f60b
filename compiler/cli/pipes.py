"""Output that cannot be written: a reader who left (`| head`), a full disk. Neither is a bug, neither is a verdict."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .exits import EnvironmentFault, Failure, Unread

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@contextmanager
def output_may_fail() -> Iterator[None]:
    """Around what prints: `Unread` where the reader left, `EnvironmentFault` where the output cannot be written."""
    try:
        yield
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # the shell may start a process without: `>&-`
                stream.flush()
    except OSError as fault:
        raise (failure_of(fault) or fault) from fault
    except SystemExit as left:  # rich leaves with 1 on a closed pipe
        if isinstance(left.__context__, BrokenPipeError):
            raise Unread from left
        raise


def failure_of(fault: OSError) -> Failure | None:
    """What a fault of the output means to the shell; None where it is of a file, which others tell by its name."""
    if isinstance(fault, BrokenPipeError):
        _let_go()
        return Unread()
    if fault.filename is None and fault.errno in _DISK:
        _let_go()
        return EnvironmentFault(f"the output cannot be written: {fault.strerror}")
    return None


def escape_what_cannot_be_encoded() -> None:
    """Print a letter that the output's encoding lacks (Windows pipes, odd file names) as its number, as stderr does."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _let_go() -> None:
    """Drop what a stream still holds, or Python would try to write it once more at its end, and say so."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
