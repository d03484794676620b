"""The two ways to have a session: answered once on stdout, or lived in."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from spark_cli.cli import log
from spark_cli.cli.assemble import DEMO_RATE, Session, Wish, open_session
from spark_cli.cli.choosing import chosen
from spark_cli.cli.options import Options, OutputFormat
from spark_cli.cli.outcome import Witness, check_output, judged, schema
from spark_cli.cli.prompt import prompt
from spark_cli.cli.report import Reporter
from spark_cli.config.load import Loaded
from spark_cli.config.settings import Theme
from spark_cli.core.events import Level, Notice
from spark_cli.headless.run import Face, Result, run
from spark_cli.store.sessions import Sessions
from spark_cli.workspace.environment import users_own
from spark_cli.workspace.ground import stand

if TYPE_CHECKING:
    from spark_cli.repl.curtain import Curtain
    from spark_cli.repl.scene import Scene


def run_print(options: Options, loaded: Loaded, demo_rate: float = DEMO_RATE) -> int:
    """Answer one prompt on stdout, and return the exit code."""
    reporter = _reporter(options, loaded)
    check_output(options.output)
    text = prompt(options, lambda told: reporter.notice(Notice(Level.WARNING, told)))
    with open_session(
        loaded, options.where(), _wish(options, loaded, demo_rate)
    ) as session:
        for notice in (*loaded.notices, *_notices(session)):
            reporter.notice(notice)
        witness = Witness(_face(options, session))
        result = asyncio.run(_answer(session, witness, text, options))
        result = judged(options, session, witness, result)
        witness.end(result)
        if result.error is not None and options.format is OutputFormat.TEXT:
            reporter.notice(result.error)
    return result.exit_code


def run_repl(
    options: Options,
    loaded: Loaded,
    demo_rate: float = DEMO_RATE,
    suggestions: Sequence[str] = (),
) -> int:
    """Open the REPL, with a first prompt if one was given."""
    reporter = _reporter(options, loaded)
    wish = _wish(options, loaded, demo_rate)
    for notice in loaded.notices:
        reporter.notice(notice)
    session = open_session(loaded, options.where(), wish)
    code = _opened(session, options, reporter, options.prompt, suggestions)
    while session.following is not None:
        session = session.following
        code = _opened(session, options, reporter)
    if session.recorded:
        sys.stderr.write(f"go on with `spark -r {session.id}`\n")
    return code


def _opened(
    session: Session,
    options: Options,
    reporter: Reporter,
    prompt: str | None = None,
    suggestions: Sequence[str] = (),
) -> int:
    """Say what is to be said of a session, and live in it."""
    from spark_cli.repl.curtain import Curtain

    with session:
        for notice in _notices(session):
            reporter.notice(notice)
        scene = _scene(session, options, suggestions)
        with Curtain(lifted=scene.plain) as curtain:
            return _lived(session, scene, prompt, curtain)


def _lived(session: Session, scene: Scene, prompt: str | None, curtain: Curtain) -> int:
    """Live in a session until the user leaves it, or goes on with another one."""
    from spark_cli.repl.app import run as live

    async def lived() -> int:
        agent = session.agent()
        return await live(agent, first_prompt=prompt, scene=scene, curtain=curtain)

    return asyncio.run(lived())


def _scene(
    session: Session, options: Options, suggestions: Sequence[str] = ()
) -> Scene:
    from spark_cli.cli.lookups import lookups
    from spark_cli.repl.scene import Scene

    now, settings = session.chosen, session.loaded.settings
    return Scene(
        model=now.model,
        provider=now.provider,
        approval=now.approval,
        root=session.root.path,
        session=session.id,
        history=session.history,
        context_window=session.window(now.model),
        theme=Theme.NONE if options.no_color else settings.theme,
        notify=settings.notify,
        plain=options.plain or settings.screen_reader,
        past=session.past.events,
        suggestions=suggestions,
        branch=session.branch,
        files=session.files,
        cwd=session.cwd,
        environ=users_own(os.environ, session.keys),
        vi=session.loaded.settings.vi,
        look=lookups(session),
        meter=session.meter,
    )


def _reporter(options: Options, loaded: Loaded) -> Reporter:
    colorless = options.no_color or options.plain
    reporter = Reporter.of(colorless=colorless, debug=options.debug)
    file = log.begin(loaded.paths.logs, debug=options.debug)
    if file is not None:
        reporter.notice(Notice(Level.INFO, f"the log is `{file}`"))
    return reporter


def _wish(options: Options, loaded: Loaded, demo_rate: float) -> Wish:
    resume = options.resume
    if resume == "":
        root, _ = stand(options.where())
        resume = chosen(Sessions(loaded.paths.sessions), root.path)
    virtual = options.patch or options.dry_run
    return Wish(
        continue_last=options.continue_last,
        resume=resume,
        virtual=virtual,
        # What was only imagined is nothing to go on from.
        ephemeral=options.ephemeral or virtual,
        schema=schema(options.schema) if options.schema else None,
        demo_rate=demo_rate,
    )


async def _answer(session: Session, face: Face, text: str, options: Options) -> Result:
    return await run(session.agent(), text, face.show, timeout_s=options.timeout_s)


def _face(options: Options, session: Session) -> Face:
    if options.format is OutputFormat.TEXT:
        from spark_cli.headless.text import Text

        out = sys.stderr if options.patch else sys.stdout
        return Text(out, sys.stderr, quiet=options.quiet, raw=options.raw)
    from spark_cli.headless.jsonl import face

    return face(options.format.value, sys.stdout, session.id)


def _notices(session: Session) -> Iterator[Notice]:
    recovered = session.recover()
    if recovered:
        yield Notice(Level.WARNING, recovered)
    for name in session.briefing.cut:
        limit = session.loaded.settings.instructions_bytes
        yield Notice(
            Level.WARNING,
            f"`{name}` is cut: all guides together may have {limit:,} bytes",
            "shorten it, or set `instructions_bytes`",
        )
    if session.past.unreadable:
        count = session.past.unreadable
        yield Notice(Level.WARNING, f"{count} lines of the session's journal are lost")
