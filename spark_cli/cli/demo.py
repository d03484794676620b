"""`spark demo`: the embedded endpoint, served alone or with a session on it."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from spark_cli.cli.options import DemoOptions
from spark_cli.cli.session import run_print, run_repl
from spark_cli.config.providers import DEMO
from spark_cli.core.effects import Approval


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
        options = replace(options, directory=_sample())
    loaded = options.load(os.environ)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not options.wants_print(terminal=terminal):
        return run_repl(options, loaded, options.rate, PROMPTS)
    if options.prompt is None and sys.stdin.isatty():
        options = replace(options, words=(PROMPTS[0],))
    if options.prompt is None:
        options = _shown(options, PROMPTS[0])
        loaded = options.load(os.environ)
    return run_print(options, loaded, options.rate)


def _shown(options: DemoOptions, prompt: str) -> DemoOptions:
    sys.stderr.write(f"$ spark --provider demo -p --approval auto-edit '{prompt}'\n")
    return replace(
        options,
        words=(prompt,),
        approval=options.approval or Approval.AUTO_EDIT,
    )


def _sample() -> Path:
    from spark_cli.demo.sample import make

    folder = Path(tempfile.mkdtemp(prefix="spark-demo-")).resolve()
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
