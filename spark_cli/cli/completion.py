"""The script that teaches a shell to complete `spark`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from spark_cli.cli.options import Shell
from spark_cli.core.errors import UsageError


def script(shell: Shell | None, environ: Mapping[str, str]) -> str:
    """The script of a shell; without one named, of the user's own."""
    from typer import completion

    name = shell or PurePath(environ.get("SHELL", "")).name
    if name not in list(Shell):
        raise UsageError(
            "cannot tell which shell to complete in",
            f"name it: {', '.join(f'`spark completion {one}`' for one in Shell)}",
        )
    text = completion.get_completion_script(  # type: ignore[attr-defined]  # not marked as exported
        prog_name="spark", complete_var="_SPARK_COMPLETE", shell=str(name)
    )
    return f"{text}\n"
