"""Where the program starts; `--version` is answered before anything is loaded."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from spark_cli import __version__

        print(f"spark {__version__}")
        return 0
    try:
        from spark_cli.cli.app import run
    except KeyboardInterrupt:  # pressed while it loads
        return 130
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
