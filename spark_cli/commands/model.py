"""Commands about who answers and how: the model, its effort, the approval mode."""

from __future__ import annotations

from collections.abc import Iterator

from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Command,
    Desk,
    Problem,
    Rows,
    Shown,
    Text,
    problem,
)
from spark_cli.commands.lookups import Model
from spark_cli.commands.nearest import hinted
from spark_cli.config.settings import ModelTraits
from spark_cli.core.effects import Approval
from spark_cli.core.items import Reasoning
from spark_cli.core.ops import Configure

MODES = {
    Approval.READ_ONLY: "looks, changes nothing",
    Approval.ASK: "asks before every change and every command",
    Approval.AUTO_EDIT: "changes files, asks before commands",
    Approval.FULL_AUTO: "asks nothing",
}

EFFORTS = {
    "default": "as the settings and the model have it",
    "none": "answers at once",
    "minimal": "hardly any thought",
    "low": "a little thought",
    "medium": "some thought",
    "high": "more thought, and slower",
    "xhigh": "as much as it can",
}


def _model(argument: str, desk: Desk) -> Answer:
    if not argument:
        return Answer(looked_up=lambda: _choices(desk))
    name, *rest = argument.split()
    if len(rest) > 1:
        return problem(f"a model's name has no blanks: `{argument}`", MODEL.usage)
    provider = rest[0] if rest else desk.provider
    if rest and provider not in desk.look.providers:
        known = desk.look.providers
        there = f"there are {', '.join(f'`{one}`' for one in known)}"
        hint = hinted(provider, known, f"/model {name} ", there)
        return problem(f"there is no provider `{provider}`", hint)
    if (name, provider) == (desk.model, desk.provider):
        return Answer(shown=Text("It is that one already."))
    switch = Configure(model=name, provider=provider if rest else None)
    return Answer(ops=(switch,), shown=Rows(list(_switched(name, provider, desk))))


def _switched(name: str, provider: str, desk: Desk) -> Iterator[tuple[str, str]]:
    """What is different with that model; the conversation is kept."""
    before = desk.look.known(desk.model) or ModelTraits()
    known = desk.look.known(name)
    after = known or ModelTraits()
    if provider != desk.provider:
        over = desk.look.providers.get(provider, "")
        yield "provider", f"{desk.provider} -> {provider}, {over}".rstrip(", ")
    window = f"{before.context_window:,} -> {after.context_window:,} tokens"
    yield "context", window if known else f"{window}, a guess: it is not known"
    yield "conversation", f"kept, about {desk.context_tokens:,} tokens"
    if desk.context_tokens > after.context_window:
        yield (
            "too long",
            "it does not fit, and nothing is cut: `/compact` first, or `/rewind`",
        )
    if before.freeform_tools != after.freeform_tools:
        how = "free text" if after.freeform_tools else "JSON: it takes no free text"
        yield "edits", f"come as {how}"
    thoughts = [one for one in desk.story.items() if isinstance(one, Reasoning)]
    if any(one.encrypted for one in thoughts):
        yield (
            "thoughts",
            f"those of {desk.model} are dropped if its server refuses them",
        )


def _choices(desk: Desk) -> Shown:
    offer = desk.look.models()
    others = [one for one in offer.models if one.name != desk.model]
    listed = [one for one in offer.models if one.name == desk.model]
    now = listed[0] if listed else Model(desk.model)
    rows = [
        Choice(one.name, ", ".join(_about(one, desk)), f"/model {one.name}")
        for one in (now, *others)
    ]
    above = Problem(offer.problem) if offer.problem else None
    return Choices("which model? the conversation is kept", rows, above)


def _about(model: Model, desk: Desk) -> Iterator[str]:
    if model.name == desk.model:
        yield "now"
    speed = desk.speeds.get(model.name)
    if speed:
        yield f"{speed:,.0f} tok/s"
    if model.context_window:
        yield f"{model.context_window // 1000:,}k"
    if model.best_for:
        yield model.best_for


def _effort(argument: str, desk: Desk) -> Answer:
    wanted = argument.lower()
    if not wanted:
        now = desk.effort or "default"
        rows = [
            Choice(name, f"now, {about}" if name == now else about, f"/effort {name}")
            for name, about in EFFORTS.items()
        ]
        at = list(EFFORTS).index(now) if now in EFFORTS else 0
        return Answer(shown=Choices("how hard shall it think?", rows, at=at))
    if wanted not in EFFORTS:
        return _unknown("effort", argument, tuple(EFFORTS))
    return Answer(ops=(Configure(effort="" if wanted == "default" else wanted),))


def _approval(argument: str, desk: Desk) -> Answer:
    if not argument:
        rows = [
            Choice(
                mode.value,
                f"now, {what}" if mode is desk.approval else what,
                f"/approval {mode.value}",
            )
            for mode, what in MODES.items()
        ]
        at = list(MODES).index(desk.approval)
        return Answer(shown=Choices("what may happen unasked?", rows, at=at))
    wanted = argument.lower().replace("_", "-").replace(" ", "-")
    if wanted not in list(Approval):
        return _unknown("approval", argument, APPROVAL.values)
    return Answer(ops=(Configure(approval=Approval(wanted)),))


def _unknown(name: str, typed: str, values: tuple[str, ...]) -> Answer:
    hint = hinted(typed, values, f"/{name} ", f"one of: {', '.join(values)}")
    return problem(f"there is no {name} `{typed}`", hint)


MODEL = Command(
    "model", "choose a model, and keep the conversation", _model, "[NAME [PROVIDER]]"
)
EFFORT = Command(
    "effort",
    "how hard the model thinks",
    _effort,
    "[LEVEL]",
    values=tuple(EFFORTS),
)
APPROVAL = Command(
    "approval",
    "what may happen without a question",
    _approval,
    "[MODE]",
    aliases=("permissions", "approvals"),
    values=tuple(mode.value for mode in Approval),
)
