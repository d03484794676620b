"""What slash commands can look up of a session: files, git, network, settings."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from spark_cli.agent.context import tool_chars
from spark_cli.cli.assemble import Session, open_session
from spark_cli.cli.undo import age
from spark_cli.commands.command import Command
from spark_cli.commands.custom import command, unusable
from spark_cli.commands.lookups import (
    Change,
    Earlier,
    Fixed,
    Lookups,
    Model,
    Offer,
)
from spark_cli.config.models import known
from spark_cli.config.paths import shown
from spark_cli.core.errors import SparkError
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.printable import brief
from spark_cli.metrics.report import lines
from spark_cli.store.journal import Journal
from spark_cli.store.prompts import prompts
from spark_cli.store.sessions import Sessions

SESSIONS_MAX = 1000
_WORDS = 200


def lookups(session: Session) -> Lookups:
    settings = session.loaded.settings
    return Lookups(
        status=partial(_status, session),
        session_diff=session.diff,
        changes=partial(_changes, session),
        change_diff=partial(_change_diff, session),
        models=partial(_models, session),
        known=lambda name: known(name, settings.models),
        providers={
            name: one.transport.value for name, one in settings.providers.items()
        },
        sessions=partial(_sessions, session),
        resume=partial(_resume, session),
        fork=partial(_fork, session),
        fixed=partial(_fixed, session),
        config=partial(_config, session),
        doctor=partial(_doctor, session),
        custom=partial(_custom, session),
        save=partial(_save, session),
        copy=_copy,
    )


def _status(session: Session) -> list[tuple[str, str]]:
    window = session.window(session.chosen.model)
    return [
        ("branch", session.branch() or ""),
        ("folder", str(session.root.path)),
        *lines(session.meter, window, time.time()),
    ]


def _changes(session: Session) -> list[Change]:
    """The session's changes, oldest first; undos are told by what stands."""
    from spark_cli.patch.diff import counts
    from spark_cli.workspace.manifest import Kind

    now, found = time.time(), []
    for one in session.checkpoints.list():
        if one.kind is Kind.CHANGE:
            size = counts(session.checkpoints.changes_of(one))
            old = age(now - one.made)
            told = (one.id, old, size.added, size.removed, one.label)
            found.append(Change(*told, one.files, one.standing))
    return found


def _change_diff(session: Session, checkpoint: CheckpointId) -> str:
    from spark_cli.patch.diff import unified

    return unified(session.checkpoints.change(checkpoint))


def _models(session: Session) -> Offer:
    """The same as `spark models`, for what the session runs with now."""
    from spark_cli.cli.models import rows

    try:
        offered, problem = session.models(), ""
    except SparkError as error:
        offered, problem = None, f"the list is spark's own: {error.message}"
    chosen = replace(session.loaded.settings, model=session.chosen.model)
    found = [
        Model(
            row.name,
            row.traits.context_window if row.traits else None,
            row.traits.best_for if row.traits else "",
        )
        for row in rows(chosen, offered)
    ]
    return Offer(found, problem)


def _sessions(session: Session) -> list[Earlier]:
    sessions, now = Sessions(session.loaded.paths.sessions), time.time()
    others = (one for one in sessions.of(session.root.path) if one.id != session.id)
    found = []
    for one in islice(others, SESSIONS_MAX):
        told = sessions.told(one)
        words = brief(told.words, _WORDS)
        found.append(Earlier(one.id, age(now - one.changed), words, told.turns))
    return found


def _resume(session: Session, prefix: str) -> None:
    """Choose the session that follows; `SparkError` where it cannot be gone on with."""
    wish = replace(
        session.wish,
        continue_last=False,
        resume=prefix,
        approval=session.chosen.approval,
    )
    following = open_session(session.loaded, session.cwd, wish)
    if following.id == session.id:
        raise SparkError(f"`{following.id}` is this session")
    Journal(Sessions(session.loaded.paths.sessions).path(following.id)).close()
    session.following = following


def _fork(session: Session, before: ItemId | None) -> None:
    sessions = Sessions(session.loaded.paths.sessions)
    _resume(session, sessions.fork(session.id, before))


def _fixed(session: Session) -> Fixed:
    request = session.request
    if request is None:
        return Fixed(len(session.briefing.text), guides=session.briefing.guides)
    sizes = (len(request.instructions), tool_chars(request), len(request.tools))
    return Fixed(*sizes, session.briefing.guides)


def _config(session: Session) -> str:
    from spark_cli.cli.config import as_toml

    return as_toml(session.loaded)


def _doctor(session: Session) -> list[tuple[str, str]]:
    from spark_cli.cli.doctor import checks_of

    now, loaded = session.chosen, session.loaded
    settings = replace(loaded.settings, model=now.model, provider=now.provider)
    rows = []
    for check in checks_of(replace(loaded, settings=settings)):
        took = f"{1000 * check.seconds:,.0f} ms, " if check.seconds is not None else ""
        hint = f"; hint: {check.hint}" if check.hint and not check.ok else ""
        mark = "ok" if check.ok else "no"
        rows.append((f"{mark} {check.name}", f"{took}{check.detail}{hint}"))
    return rows


def _custom(session: Session) -> list[Command]:
    """The user's own commands, then those of the project that have other names."""
    found: dict[str, Command] = {}
    for folder, name in _folders(session):
        for file in prompts(folder):
            place = f"{name}/{file.place}"
            if file.problem:
                made = unusable(file.name, place, file.problem)
            else:
                made = command(file.name, file.text, place)
            found.setdefault(made.name, made)
    return list(found.values())


def _folders(session: Session) -> Iterator[tuple[Path, str]]:
    """The folders, and how the user calls them."""
    mine = session.loaded.paths.config / "commands"
    yield mine, shown(mine)
    yield session.root.path / ".spark" / "commands", ".spark/commands"


def _save(session: Session, name: str, text: str) -> str:
    """Write a new file for the user alone; where it is.

    `SparkError` if there is one of that name.
    """
    path = session.cwd / Path(name or f"spark-{session.id}.md").expanduser()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SparkError(
            f"`{shown(path)}` is there already", "`/export FILE` with another name"
        ) from error
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(file, "w", encoding="utf-8", errors="replace") as out:
            out.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritten(path, error) from error
    return shown(path)


def _unwritten(path: Path, error: OSError | ValueError) -> SparkError:
    reason = error.strerror if isinstance(error, OSError) else "it is no name of a file"
    return SparkError(f"cannot write `{shown(path)}`: {reason}")


def _copy(text: str) -> str:
    from spark_cli.workspace.clipboard import copy

    return copy(text, os.environ)
