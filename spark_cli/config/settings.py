"""Every setting, its type and its default.

`Settings` is whole and frozen; each room is handed its slice.  The same dataclasses
tell `config.check` which keys exist, what their types are and who may set them, so
that a setting is written down once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from spark_cli.core.effects import Approval

# Who may set it.  What is not marked so is closed to a project's own file: a stranger
# who wrote the repository must not redirect keys, widen approval or run programs.
_PROJECT = {"project": True}
_NARROWING = {"project": "narrow"}
_FROM_ZERO = {"least": 0}


class TransportKind(StrEnum):
    """How a provider is spoken to.

    `auto` tries Responses over a WebSocket and falls back to Responses over SSE.
    """

    AUTO = "auto"
    WEBSOCKET = "websocket"
    SSE = "sse"
    CHAT = "chat"


class Theme(StrEnum):
    """What the colors are chosen for; `auto` asks nobody and can be read on both."""

    AUTO = "auto"
    DARK = "dark"
    LIGHT = "light"
    NONE = "none"


class Notify(StrEnum):
    """How the user is called back who looks elsewhere."""

    AUTO = "auto"
    BELL = "bell"
    DESKTOP = "desktop"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Provider:
    """An endpoint.  `env_key` names the environment variable that holds its key.

    `base_url` has no slash at its end.  `headers` are sent with every request.
    `model` is the one to ask where the user named none.
    """

    base_url: str = ""
    env_key: str | None = None
    transport: TransportKind = TransportKind.AUTO
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ModelTraits:
    """What is known of a model; `config.models` holds the built-in table.

    `context_window` and `max_output_tokens` are tokens.  `freeform_tools` says that
    the model takes custom tools with free text.  `rejects` names request parameters
    that its server refuses, dotted, such as `reasoning.summary`.  `best_for` is what
    a list of models says of it.  `steers` says that words can be handed in while it
    answers, by `response.steer`.
    """

    context_window: int = 128_000
    max_output_tokens: int | None = None
    freeform_tools: bool = False
    effort: str | None = None
    rejects: tuple[str, ...] = ()
    best_for: str = ""
    steers: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """Limits of the commands that the model runs."""

    timeout_s: float = 120.0
    output_bytes: int = 24_000


@dataclass(frozen=True, slots=True)
class Settings:
    """`instructions_bytes` is how much of the AGENTS.md files is read, in all.

    `vi` has its keys instead of those of readline.
    With `screen_reader` the screen has no motion: a line for each thing that happens.
    """

    model: str = field(default="gpt-5.3-codex-spark", metadata=_PROJECT)
    provider: str = "openai"
    approval: Approval = field(default=Approval.ASK, metadata=_NARROWING)
    effort: str | None = field(default=None, metadata=_PROJECT)
    max_turns: int = field(default=50, metadata=_NARROWING)
    instructions_bytes: int = field(default=32_768, metadata=_PROJECT | _FROM_ZERO)
    theme: Theme = Theme.AUTO
    notify: Notify = Notify.AUTO
    screen_reader: bool = False
    vi: bool = False
    shell: Shell = field(default_factory=Shell, metadata=_PROJECT)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    models: Mapping[str, ModelTraits] = field(default_factory=dict, metadata=_PROJECT)
