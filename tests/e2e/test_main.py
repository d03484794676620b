from __future__ import annotations

import subprocess
import sys

import pytest

PRESSED = """
import sys
class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
sys.argv = ["spark", *{argv!r}]
from spark_cli.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "argv"),
    [
        ("spark_cli.cli.app", ["-p", "hi"]),
        ("typer", ["-p", "hi"]),
        ("spark_cli.cli.session", ["-p", "hi"]),
        ("spark_cli.cli.doctor", ["doctor"]),
        ("spark_cli.cli.apply", ["apply"]),
    ],
)
def test_an_interrupt_while_it_loads_is_quiet(module: str, argv: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESSED.format(module=module, argv=argv)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_version_is_told_without_loading_anything() -> None:
    program = """
import sys
sys.argv = ["spark", "--version"]
from spark_cli.__main__ import main
main()
print(*sorted(one for one in sys.modules if one.startswith("spark_cli")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[1] == "spark_cli spark_cli.__main__"
