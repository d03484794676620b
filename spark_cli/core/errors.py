"""Everything that spark can fail at, and the exit code of each.

    SparkError                1   what could not be done, and one thing to do next
      UsageError              2   the command line is off
      BudgetSpent             3   a limit on turns or tokens was reached
      NothingToChange         4   a patch was asked for and there is none
      PatchRefused            5   a patch does not fit the files; nothing changed
      ApprovalMissing         6   a question was due, and nobody is there to answer
      Unavailable            75   the endpoint or the network; trying later may help
        ConnectionLost       75   ... in the middle of a reply
        RateLimited          75   ... and the server may say until when
      Denied                 77   no key, a refused key, or a plan without the model
      ConfigError            78   a setting that cannot be
      TimedOut              124   `--timeout` ran out
      Interrupted           130   Ctrl-C
    ToolError                 -   only the model reads it

The codes are those that scripts know from sysexits, timeout(1) and the shell.
Lower floors raise; `cli.report` alone prints.
"""

from __future__ import annotations

from typing import ClassVar


class SparkError(Exception):
    """A failure that a user can read: `message` names the thing and the place.

    `hint` is one thing to do next, with the exact command, or empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SparkError):
    exit_code = 2


class BudgetSpent(SparkError):
    exit_code = 3


class NothingToChange(SparkError):
    exit_code = 4


class PatchRefused(SparkError):
    exit_code = 5


class ApprovalMissing(SparkError):
    exit_code = 6


class Unavailable(SparkError):
    exit_code = 75


class ConnectionLost(Unavailable):
    pass


class RateLimited(Unavailable):
    """The server asks to wait: `retry_after_s` seconds, where it says so."""

    def __init__(
        self, message: str, hint: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s


class Denied(SparkError):
    exit_code = 77


class ConfigError(SparkError):
    exit_code = 78


class TimedOut(SparkError):
    exit_code = 124


class Interrupted(SparkError):
    exit_code = 130


class ToolError(Exception):
    """One sentence of facts that the model can act on."""
