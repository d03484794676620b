"""spark as a process, in a repository of its own, with an empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

GREETING = """\
def greet(name):
    return "hello " + name


print(greet("world"))
"""


class Spark(Protocol):
    def __call__(
        self, *arguments: str, stdin: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "COVERAGE_PROCESS_START"}
    }
    return {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def git(tmp_path: Path, environ: dict[str, str]) -> Callable[..., str]:
    def run(*arguments: str, cwd: Path | None = None) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        return subprocess.run(
            ["git", *identity, *arguments],
            cwd=cwd or tmp_path / "repo",
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Callable[..., str]) -> Path:
    path = tmp_path / "repo"
    (path / "lib").mkdir(parents=True)
    (path / "greeting.py").write_text(GREETING)
    (path / "lib" / "more.py").write_text("from greeting import greet\n\ngreet('x')\n")
    git("init", "-q", "-b", "main", cwd=path)
    git("add", "-A")
    git("commit", "-qm", "start")
    return path


@pytest.fixture
def spark(repo: Path, environ: dict[str, str]) -> Spark:
    def run(
        *arguments: str, stdin: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        # An empty text is a closed pipe, as cron gives it.
        return subprocess.run(
            [sys.executable, "-m", "spark_cli", *arguments],
            cwd=cwd or repo,
            env=environ,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            input=stdin or "",
        )

    return run
