"""A shell's part in Ctrl-Z: run a program in the foreground, and go on when it stops.

Every stop is written down in `$SPARK_TEST_STOPS`, a letter each.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def main(command: list[str], stops: Path) -> int:
    # The leader of a session that opens a terminal gets its signals.
    terminal = os.open(os.ttyname(0), os.O_RDWR)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.close(terminal)
        os.execvp(command[0], command)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        with stops.open("a") as log:
            log.write("z")
        os.killpg(child, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(os.environ["SPARK_TEST_STOPS"])))
