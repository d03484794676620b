"""Which file names a glob of the model's means.

Models write what they know from ripgrep, editors and shells: `*.py` anywhere,
`src/**/*.ts`, `*.{js,jsx}`, `!*.min.js`.  All of these are read as lines of a
.gitignore are, with braces spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from spark_cli.core.errors import ToolError

_ALTERNATIVES_MAX = 64
_BRACES = re.compile(r"\{([^{}]*)\}")


def matcher(glob: str, prefix: str = "") -> Callable[[str], bool]:
    """Whether a name fits: seen from the root, or from the folder `prefix`."""
    from pathspec import GitIgnoreSpec

    wanted = not glob.startswith("!")
    try:
        plain = glob.removeprefix("!").removeprefix("./")
        spec = GitIgnoreSpec.from_lines(_alternatives(plain))
    except ValueError as error:
        raise ToolError(f"`{glob}` is not a glob: {error}") from None

    def fits(name: str) -> bool:
        seen = (name, name.removeprefix(prefix))
        return any(spec.match_file(one) for one in seen) is wanted

    return fits


def _alternatives(glob: str) -> list[str]:
    pending, done = [glob], []
    while pending:
        one = pending.pop()
        braces = _BRACES.search(one)
        if braces is None:
            done.append(one)
            continue
        before, after = one[: braces.start()], one[braces.end() :]
        pending += [f"{before}{part}{after}" for part in braces[1].split(",")]
        if len(pending) + len(done) > _ALTERNATIVES_MAX:
            raise ToolError(f"`{glob}` stands for more than {_ALTERNATIVES_MAX} globs")
    return done
