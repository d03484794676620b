"""`spark demo`: the embedded endpoint, served alone or with a session on it."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from spark_cli.cli.options import DemoOptions
from spark_cli.cli.session import run_print, run_repl
from spark_cli.cli.stdin import read_piped
from spark_cli.config.paths import paths
from spark_cli.config.providers import DEMO
from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.store.sessions import Sessions

_PREFIX = "spark-demo-"


def run_demo(options: DemoOptions) -> int:
    """Serve, or have a session in a sample repository (in this one with `--here`).

    Where no person is at the terminal, the first suggestion is carried out and the
    change is shown, so that one command shows the whole way also in a container.
    """
    if options.serve:
        return _serve(options)
    from spark_cli.demo.sample import PROMPTS

    options = replace(options, provider=options.provider or DEMO)
    if not options.here:
        goes_on = options.continue_last or options.resume is not None
        options = replace(options, directory=_last_sample() if goes_on else _sample())
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not options.wants_print(terminal=terminal):
        suggestions = () if options.here else PROMPTS
        return run_repl(options, options.load(os.environ), options.rate, suggestions)
    if options.prompt is None:
        options = _asked(options, PROMPTS[0])
    return run_print(options, options.load(os.environ), options.rate)


def _asked(options: DemoOptions, suggestion: str) -> DemoOptions:
    """With the prompt that was piped in, or else a suggestion that is carried out."""
    piped = read_piped(0, lambda _: None)
    if piped.strip():
        return replace(options, words=(piped,))
    sys.stderr.write(f"$ spark demo -p --approval auto-edit '{suggestion}'\n")
    approval = options.approval or Approval.AUTO_EDIT
    return replace(options, words=(suggestion,), approval=approval)


def _last_sample() -> Path:
    """The sample repository of the last demo, which is where it can be continued."""
    sessions = Sessions(paths(os.environ).sessions)
    for session in sessions.newest_first():
        folder = Path(session.root)
        if folder.name.startswith(_PREFIX) and folder.is_dir():
            return folder
    raise SparkError("there is no demo to continue", "start one with `spark demo`")


def _sample() -> Path:
    from spark_cli.demo.sample import make

    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    make(folder)
    sys.stderr.write(f"a sample repository to play with: {folder}\n")
    return folder


def _serve(options: DemoOptions) -> int:
    from spark_cli.demo.server import serve_forever

    def ready(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()

    serve_forever(options.port, options.rate, ready)
    return 0
