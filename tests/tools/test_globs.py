from __future__ import annotations

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.tools.globs import matcher

NAMES = ["a.py", "a.min.js", "src/a.ts", "src/b.tsx", "src/deep/c.py", "docs/src/d.ts"]


@pytest.mark.parametrize(
    ("glob", "prefix", "fitting"),
    [
        ("*.py", "", ["a.py", "src/deep/c.py"]),
        ("src/*.ts", "", ["src/a.ts"]),
        ("src/**/*.py", "", ["src/deep/c.py"]),
        ("**/*.ts", "", ["src/a.ts", "docs/src/d.ts"]),
        ("*.{ts,tsx}", "", ["src/a.ts", "src/b.tsx", "docs/src/d.ts"]),
        (
            "{src,docs}/**/*.{t,p}[sy]",
            "",
            ["src/a.ts", "src/deep/c.py", "docs/src/d.ts"],
        ),
        ("!*.{py,ts,tsx}", "", ["a.min.js"]),
        ("src", "", ["src/a.ts", "src/b.tsx", "src/deep/c.py", "docs/src/d.ts"]),
        ("./a.py", "", ["a.py"]),
        ("deep/*.py", "src/", ["src/deep/c.py"]),
        ("/a.ts", "src/", ["src/a.ts"]),
        ("A.PY", "", []),
    ],
)
def test_a_glob_means_what_it_means_elsewhere(
    glob: str, prefix: str, fitting: list[str]
) -> None:
    assert [name for name in NAMES if matcher(glob, prefix)(name)] == fitting


def test_a_glob_that_explodes_is_refused() -> None:
    with pytest.raises(ToolError, match="more than 64 globs"):
        matcher("{a,b}" * 10)
