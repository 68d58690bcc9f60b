"""Exit codes, and the exceptions that carry them: a command raises, click prints and leaves with the code."""

from __future__ import annotations

from enum import IntEnum

import click


class Exit(IntEnum):
    """What the process says to the shell."""

    GOOD = 0
    POLICY = 1
    USAGE = 2
    BROKE = 3
    INCONCLUSIVE = 4
    ENVIRONMENT = 5
    STOPPED = 130
    UNREAD = 141


class Failure(click.ClickException):
    """A command ends here: `message` on standard error, `exit_code` to the shell.

    An empty message is for commands that have already said everything.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    def show(self, file: object = None) -> None:
        """Print the message, if there is one."""
        if self.message:
            click.echo(f"proscribe: {self.message}", err=True)


class PolicyError(Failure):
    """The policy is wrong."""

    exit_code = int(Exit.POLICY)


class BrokenRule(Failure):
    """A rule broke its `require`."""

    exit_code = int(Exit.BROKE)


class Inconclusive(Failure):
    """There is not enough data for a verdict."""

    exit_code = int(Exit.INCONCLUSIVE)


class EnvironmentFault(Failure):
    """Something outside the policy is missing or does not fit: weights, a fingerprint, disk space."""

    exit_code = int(Exit.ENVIRONMENT)


class Stopped(Failure):
    """The user pressed Ctrl-C."""

    exit_code = int(Exit.STOPPED)


class Unread(Failure):
    """The reader of the output left before its end; the code is the one of what a closed pipe (SIGPIPE) ends."""

    exit_code = int(Exit.UNREAD)
