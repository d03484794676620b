"""`spark doctor`: each step of a session, tried and timed, and what to do about it.

First what is on this machine, then the connection, step by step (`wire.probe`).
Nothing it prints holds a key.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from spark_cli import __version__
from spark_cli.auth.keys import key_for
from spark_cli.cli.embedded import reachable
from spark_cli.cli.options import Listing
from spark_cli.cli.report import is_colored, redacted
from spark_cli.cli.table import Column, aligned
from spark_cli.config.load import Loaded
from spark_cli.config.models import traits
from spark_cli.config.paths import paths, private, shown
from spark_cli.config.providers import on_this_machine, without_password
from spark_cli.config.settings import Provider
from spark_cli.core.errors import SparkError
from spark_cli.core.printable import printable_line
from spark_cli.core.secret import Secret

_MYSELF = "`spark doctor`"
"""What errors elsewhere advise; who reads it here has done so already."""


class Step(Protocol):
    """What a probe tells of one step of a connection."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def detail(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def seconds(self) -> float: ...


Probe = Callable[[Provider, Secret | None, str], AsyncIterator[Step]]


@dataclass(frozen=True, slots=True)
class Check:
    """One step; one that is not `needed` may fail, and a session still runs."""

    name: str
    detail: str
    hint: str = ""
    ok: bool = True
    needed: bool = True
    seconds: float | None = None


def run_doctor(options: Listing, probe: Probe | None = None) -> int:
    """Print every check as it ends; 1 where one that is needed failed."""
    colored = is_colored(
        sys.stdout, os.environ, forbidden=options.no_color or options.plain
    )
    done: list[Check] = []
    for check in checks(options, probe):
        done.append(check)
        if not options.json:
            sys.stdout.write(line(check, colored=colored))
            sys.stdout.flush()
    ok = all(check.ok or not check.needed for check in done)
    if options.json:
        steps = [asdict(check) for check in done]
        report = json.dumps({"v": 1, "ok": ok, "steps": steps}, indent=2)
        sys.stdout.write(f"{redacted(report, os.environ)}\n")
    return 0 if ok else 1


def line(check: Check, *, colored: bool) -> str:
    """One row a check, and under it what to do where it failed."""
    mark, color = ("ok", "green") if check.ok else ("no", _color(check))
    took = "" if check.seconds is None else f"{1000 * check.seconds:,.0f} ms"
    columns = (
        Column(width=2, style=color),
        Column(width=18),
        Column(right=True, width=9),
        Column(),
    )
    rows = [(mark, check.name, took, _clean(check.detail))]
    if check.hint and not check.ok:
        rows.append(("", "", "", f"hint: {_clean(check.hint)}"))
    return aligned(rows, columns, sys.stdout, colored=colored)


def _color(check: Check) -> str:
    return "red" if check.needed else "yellow"


def checks(options: Listing, probe: Probe | None = None) -> Iterator[Check]:
    """Those of this machine, then those of the connection, where there can be one."""
    try:
        loaded = options.load(os.environ)
    except SparkError as error:
        yield from _machine()
        yield Check("config", error.message, error.hint, ok=False)
        return
    yield from checks_of(loaded, probe)


def checks_of(loaded: Loaded, probe: Probe | None = None) -> Iterator[Check]:
    """The same for settings that there are."""
    yield from _machine()
    yield _config(loaded)
    for notice in loaded.notices:
        yield Check("config", notice.text, notice.hint, ok=False, needed=False)
    yield from _connection(loaded, probe or _probe)


def _machine() -> Iterator[Check]:
    yield Check("spark", f"{__version__}, Python {platform.python_version()}")
    yield from _programs()
    yield _terminal()
    yield _state()


def _state() -> Check:
    try:
        state = private(paths(os.environ).state)
    except SparkError as error:
        return Check("state", error.message, error.hint, ok=False)
    return Check(
        "state",
        f"`{shown(state)}`",
        "it cannot be written: name another with `SPARK_HOME`",
        ok=os.access(state, os.W_OK),
    )


def _programs() -> Iterator[Check]:
    git, ripgrep = shutil.which("git"), shutil.which("rg")
    yield Check("git", git or "not found", "install git", ok=git is not None)
    yield Check(
        "ripgrep",
        ripgrep or "not found: searching falls back to git, then to Python",
        "install ripgrep to search large trees faster",
        ok=ripgrep is not None,
        needed=False,
    )


def _terminal() -> Check:
    kind = os.environ.get("TERM", "")
    size = shutil.get_terminal_size()
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return Check("terminal", "none here: `spark` answers as with `-p`")
    fit = kind not in {"", "dumb"}
    detail = f"{kind or 'TERM is not set'}, {size.columns} columns"
    return Check("terminal", detail, "set `TERM`, or use `-p`", ok=fit, needed=False)


def _config(loaded: Loaded) -> Check:
    files = ", ".join(f"`{shown(file)}`" for file in loaded.files)
    return Check("config", files or "no file, all defaults")


def _connection(loaded: Loaded, probe: Probe) -> Iterator[Check]:
    settings = loaded.settings
    provider = settings.providers[settings.provider]
    place = without_password(provider.base_url) or "starts with the session"
    yield Check("provider", f"{settings.provider}, {place}, {provider.transport}")
    window = traits(settings.model, settings.models).context_window
    yield Check("model", f"{settings.model}, {window:,} tokens")
    try:
        key = key_for(settings.provider, provider, os.environ)
    except SparkError as error:
        yield Check("key", error.message, error.hint, ok=False)
        return
    yield Check("key", "there is one" if key else "none is needed")
    if key and provider.base_url.startswith("http:") and not on_this_machine(provider):
        detail = "the key goes over the network in the clear"
        yield Check("key", detail, "use an `https://` address", ok=False, needed=False)
    with reachable(settings.provider, provider) as endpoint:
        yield from _probed(probe(endpoint, key, settings.model))


def _probed(steps: AsyncIterator[Step]) -> Iterator[Check]:
    """Each step, and the verdict: one way to get a reply is enough for a session."""
    import asyncio

    async def following() -> Step | None:
        return await anext(steps, None)

    replies: list[str] = []
    with asyncio.Runner() as runner:
        while (step := runner.run(following())) is not None:
            yield Check(
                step.name,
                step.detail,
                "" if _MYSELF in step.hint else step.hint,
                ok=step.ok,
                needed=False,
                seconds=step.seconds,
            )
            if step.ok and step.name.endswith("reply"):
                replies.append(step.name.removesuffix(" reply"))
    detail = f"the model answers over {' and '.join(replies)}"
    yield Check(
        "connection",
        detail if replies else "the model gave no answer",
        "mend the first step above that failed",
        ok=bool(replies),
    )


def _probe(provider: Provider, key: Secret | None, model: str) -> AsyncIterator[Step]:
    from spark_cli.wire.probe import probe

    return probe(provider, key, model)


def _clean(text: str) -> str:
    return printable_line(redacted(text, os.environ))
