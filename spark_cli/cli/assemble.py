"""Where the rooms are put together: settings in, a session that can be driven out.

Everything heavy (the wire, git, the tools) is imported by `Session.equip`, which the
agent calls in a thread while the prompt is on the screen already.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from spark_cli.agent.agent import Agent
from spark_cli.agent.briefing import Briefing, brief
from spark_cli.agent.rig import Rig, Selection
from spark_cli.config.load import Loaded
from spark_cli.config.overlay import Source
from spark_cli.config.paths import private
from spark_cli.config.providers import DEMO
from spark_cli.config.settings import Provider
from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError, UsageError
from spark_cli.core.events import CheckpointUndone, Configured, Event
from spark_cli.core.ids import SessionId, new_session_id
from spark_cli.core.items import ToolCall
from spark_cli.core.json import JsonObject
from spark_cli.core.ops import Undo
from spark_cli.metrics.meter import Meter
from spark_cli.store.journal import Header
from spark_cli.store.record import Record
from spark_cli.store.replay import Past, replay
from spark_cli.store.sessions import Session as Found, Sessions
from spark_cli.tools.tool import Draft, Plan
from spark_cli.workspace.ground import stand
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.root import Root

if TYPE_CHECKING:
    from spark_cli.tools.tool import Tool
    from spark_cli.wire.request import Request
    from spark_cli.workspace.checkpoints import Checkpoints
    from spark_cli.workspace.survey import Survey
    from spark_cli.workspace.tree import Overlay

DEMO_RATE = 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line wants of a session, besides its settings.

    `resume` is the id of a session, or a part of it; `virtual` keeps every change in
    memory; `ephemeral` keeps no journal; `schema` is the shape of the answer.
    `approval` is what the user has chosen since, in a session before this one.
    """

    continue_last: bool = False
    resume: str | None = None
    virtual: bool = False
    ephemeral: bool = False
    schema: JsonObject | None = None
    demo_rate: float = DEMO_RATE
    approval: Approval | None = None


@dataclass
class Session:
    """One session of one user in one folder; a face drives its agent.

    `request` is what every request begins with, once there is one; `following` is the
    session that the user wants next.
    Use it as a context: leaving it closes the journal and stops the demo endpoint.
    """

    loaded: Loaded
    cwd: Path
    root: Root
    repo: Repo | None
    id: SessionId
    past: Past
    wish: Wish
    meter: Meter = field(default_factory=Meter)
    overlay: Overlay | None = None
    request: Request | None = None
    following: Session | None = None
    _record: Record | None = None
    _closing: ExitStack = field(default_factory=ExitStack)
    _demo_url: str = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._closing.close()

    @property
    def recorded(self) -> bool:
        return self._record is not None and self._record.begun

    @cached_property
    def chosen(self) -> Selection:
        """What the session runs with; it follows what the user switches to.

        At first: what was typed, before what was last used, before the defaults.
        """
        settings, last = self.loaded.settings, self.past.configured
        effort = settings.effort or ""
        chosen = Selection(settings.model, settings.provider, settings.approval, effort)
        usable = last is not None and last.provider in settings.providers
        if last is not None and usable and not self._typed("model", "provider"):
            chosen = replace(
                chosen,
                model=last.model,
                provider=last.provider,
                effort=effort if self._typed("effort") else last.effort or effort,
            )
        if self.wish.approval is not None:
            chosen = replace(chosen, approval=self.wish.approval)
        if self.wish.virtual:
            chosen = replace(chosen, approval=Approval.AUTO_EDIT)
        return chosen

    def agent(self) -> Agent:
        """A started agent; call it inside a running event loop."""
        observers = [self.meter.see, self._follow]
        if not self.wish.ephemeral:
            sessions = Sessions(self.loaded.paths.sessions)
            header = Header(self.id, str(self.root.path), int(time.time() * 1000))
            self._record = Record(sessions, header)
            self._closing.callback(self._record.close)
            observers.insert(0, self._record.see)
        agent = Agent(
            self.equip,
            self.chosen,
            self.undo,
            observers,
            self.past.items,
            self.loaded.settings.max_turns,
            self.redo,
        )
        agent.start()
        return agent

    def equip(self, chosen: Selection) -> Rig:
        from spark_cli.auth.keys import key_for
        from spark_cli.config.models import traits
        from spark_cli.tools.registry import find
        from spark_cli.wire.request import Request
        from spark_cli.wire.route import connect

        provider = self._provider(chosen.provider)
        transport = connect(provider, key_for(chosen.provider, provider, os.environ))
        known = traits(chosen.model, self.loaded.settings.models)
        tools = self._tools(chosen.approval)

        def plan(call: ToolCall) -> Plan:
            return find(tools, call.name).plan(call.input)

        request = Request(
            model=chosen.model,
            instructions=self.briefing.text,
            items=(),
            tools=tuple(tool.spec for tool in tools),
            freeform_tools=known.freeform_tools,
            effort=chosen.effort or self.loaded.settings.effort or known.effort,
            max_output_tokens=known.max_output_tokens,
            cache_key=self.id,
            rejects=frozenset(known.rejects),
            schema=self.wish.schema,
        )

        def draft(name: str) -> Draft | None:
            begin = find(tools, name).draft
            return None if begin is None else begin()

        self.request = request
        window = known.context_window
        return Rig(transport, request, plan, window, draft, known.steers)

    def undo(self, op: Undo) -> CheckpointUndone:
        """Take a checkpoint back; raises `SparkError` and changes nothing else."""
        done = self.checkpoints.undo(op.checkpoint, onward=op.onward)
        return CheckpointUndone(done.checkpoint.id, done.files, done.merged)

    def redo(self) -> CheckpointUndone:
        """Take the newest undo back; raises `SparkError` and changes nothing else."""
        done = self.checkpoints.redo()
        return CheckpointUndone(
            done.checkpoint.id, done.files, done.merged, redone=True
        )

    def diff(self) -> str:
        """What the session has changed since its start, as a unified diff."""
        from spark_cli.patch.diff import unified

        if self.overlay is not None:
            return unified(self.overlay.changes())
        return unified(self.checkpoints.session_changes())

    def window(self, model: str) -> int:
        """The context window of a model, in tokens."""
        from spark_cli.config.models import traits

        return traits(model, self.loaded.settings.models).context_window

    def recover(self) -> str:
        """Mend what a spark that was killed left half done, and say so."""
        from spark_cli.workspace.checkpoints import recovered

        return recovered(self.root, self.loaded.paths.state)

    def branch(self) -> str | None:
        return self.repo.branch() if self.repo else None

    def models(self) -> list[str]:
        """What the endpoint offers; `SparkError` if it cannot be asked."""
        import asyncio

        from spark_cli.auth.keys import key_for
        from spark_cli.wire.catalogue import models

        name = self.chosen.provider
        provider = self._provider(name)
        return asyncio.run(models(provider, key_for(name, provider, os.environ)))

    @property
    def history(self) -> Path:
        """The file of what was typed in this repository; its folder is there."""
        name = hashlib.sha256(os.fsencode(self.root.path)).hexdigest()[:16]
        return private(self.loaded.paths.history) / name

    @cached_property
    def briefing(self) -> Briefing:
        return brief(self.root.path, self.cwd, self.loaded.settings.instructions_bytes)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        from spark_cli.workspace.checkpoints import Checkpoints

        return Checkpoints(self.root, self.id, self.loaded.paths.state)

    @cached_property
    def survey(self) -> Survey:
        from spark_cli.workspace.survey import Survey

        return Survey(self.checkpoints)

    def files(self) -> list[str]:
        """The names of all files that are not ignored; `SparkError` if it cannot."""
        from spark_cli.workspace.ignore import names

        return names(self.root)

    @property
    def keys(self) -> list[str]:
        """The environment variables that hold the providers' keys."""
        every = self.loaded.settings.providers.values()
        return [one.env_key for one in every if one.env_key]

    def _tools(self, approval: Approval) -> tuple[Tool, ...]:
        from spark_cli.patch.apply import disk_writer, overlay_writer
        from spark_cli.tools.callers import callers_in
        from spark_cli.tools.patch import apply_patch_tool
        from spark_cli.tools.registry import tools_for
        from spark_cli.tools.shell import shell_tool
        from spark_cli.tools.watch import started, watch
        from spark_cli.workspace.environment import environment
        from spark_cli.workspace.tree import DiskTree, Overlay

        disk = DiskTree(self.root)
        if self.wish.virtual:
            self.overlay = self.overlay or Overlay(disk)
            apply_patch = apply_patch_tool(self.overlay, overlay_writer(self.overlay))
        else:
            write = started(self.survey, disk_writer(self.checkpoints))
            apply_patch = apply_patch_tool(disk, write, callers_in(self.root))
        shell = shell_tool(
            self.root,
            self.loaded.settings.shell,
            environment(os.environ, deny=self.keys),
            watch=None if self.wish.virtual else watch(self.survey),
        )
        return tools_for(self.root, self.overlay or disk, approval, apply_patch, shell)

    def _provider(self, name: str) -> Provider:
        providers = self.loaded.settings.providers
        if name not in providers:
            near = get_close_matches(name, providers, 1)
            known = ", ".join(f"`{one}`" for one in providers)
            raise UsageError(
                f"there is no provider `{name}`; there are {known}",
                f"did you mean `{near[0]}`?" if near else "make a table for it",
            )
        provider = providers[name]
        if name == DEMO and not provider.base_url:
            return replace(provider, base_url=self._demo())
        return provider

    def _demo(self) -> str:
        """The address of the embedded endpoint, started when it is first needed."""
        if not self._demo_url:
            from spark_cli.demo.server import serve

            demo = self._closing.enter_context(serve(rate=self.wish.demo_rate))
            self._demo_url = demo.base_url
        return self._demo_url

    def _follow(self, event: Event) -> None:
        if isinstance(event, Configured):
            self.chosen = Selection(
                event.model, event.provider, event.approval, event.effort
            )

    def _typed(self, *keys: str) -> bool:
        origins = (self.loaded.origins.get(key) for key in keys)
        return any(one and one.source is Source.COMMAND_LINE for one in origins)


def open_session(loaded: Loaded, cwd: Path, wish: Wish) -> Session:
    """A new session in `cwd`, or the one that is to be continued.

    Raises `SparkError` where that one cannot be found.
    """
    root, repo = stand(cwd)
    sessions = Sessions(loaded.paths.sessions)
    if wish.continue_last:
        found = sessions.last_in(root.path)
    elif wish.resume is not None:
        found = sessions.named(wish.resume)
    else:
        return Session(loaded, cwd, root, repo, new_session_id(), Past(), wish)
    if found.root != str(root.path):
        cwd = _home_of(found)
        root, repo = stand(cwd)
    session = Session(loaded, cwd, root, repo, found.id, replay(found.path), wish)
    for event in session.past.events:
        session.meter.see(event)
    return session


def _home_of(found: Found) -> Path:
    """Where a session was had: its files, and what it can take back, are there."""
    folder = Path(found.root)
    if not folder.is_dir():
        raise SparkError(
            f"session `{found.id}` was had in `{found.root}`, which is gone",
            "start a new one with `spark`",
        )
    return folder
