"""Where the program starts; what is asked often is answered before much is loaded."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from spark_cli import __version__

        print(f"spark {__version__}")
        return 0
    try:
        if sys.argv[1:2] == ["apply"]:
            code = _applied(sys.argv[2:])
            if code is not None:
                return code
        from spark_cli.cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # pressed while it loads
        return 130


def _applied(argv: list[str]) -> int | None:
    """The exit code of a plain `spark apply`, which scripts call often.

    To read its flags with Typer would take longer than all the rest.  `None` where it
    is not plain.
    """
    import gc

    gc.disable()  # an eighth of the time goes into finding no garbage
    from spark_cli.cli.apply import ordered, run_apply
    from spark_cli.cli.report import Reporter, guarded

    order = ordered(argv)
    if order is None or order.json_lines:
        gc.enable()
    if order is None or None in {sys.stdin, sys.stdout, sys.stderr}:
        return None
    return guarded(lambda: run_apply(order), Reporter.of)


if __name__ == "__main__":
    sys.exit(main())
