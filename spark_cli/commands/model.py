"""Commands about who answers and what it may do: the model, the approval mode."""

from __future__ import annotations

from spark_cli.commands.command import Answer, Command, Desk, Shown, Text, problem
from spark_cli.commands.nearest import nearest
from spark_cli.commands.session import literal
from spark_cli.core.effects import Approval
from spark_cli.core.ops import Configure

MODES = {
    Approval.READ_ONLY: "looks, changes nothing",
    Approval.ASK: "asks before every change and every command",
    Approval.AUTO_EDIT: "changes files, asks before commands",
    Approval.FULL_AUTO: "asks nothing",
}


def _model(argument: str, desk: Desk) -> Answer:
    if not argument:
        return Answer(looked_up=lambda: _choices(desk))
    if " " in argument:
        return problem(f"a model's name has no blanks: `{argument}`", "/model NAME")
    return Answer(ops=(Configure(model=argument),))


def _choices(desk: Desk) -> Shown:
    names = list(dict.fromkeys([desk.model, *desk.models()]))
    lines = [
        f"- **{literal(name)}** (now)" if name == desk.model else f"- {literal(name)}"
        for name in names
    ]
    return Text("\n".join([*lines, "", "`/model NAME` switches; the talk goes on."]))


def _approval(argument: str, desk: Desk) -> Answer:
    if not argument:
        return Answer(shown=Text(_modes(desk.approval)))
    wanted = argument.lower().replace("_", "-").replace(" ", "-")
    if wanted not in list(Approval):
        near = nearest(wanted, [mode.value for mode in Approval])
        hint = f"did you mean `/approval {near}`?" if near else _names()
        return problem(f"there is no approval mode `{argument}`", hint)
    return Answer(ops=(Configure(approval=Approval(wanted)),))


def _names() -> str:
    return "one of: " + ", ".join(mode.value for mode in Approval)


def _modes(current: Approval) -> str:
    rows = [
        f"- **{mode.value}** (now): {what}"
        if mode is current
        else f"- {mode.value}: {what}"
        for mode, what in MODES.items()
    ]
    return "\n".join([*rows, "", "`/approval MODE` switches."])


MODEL = Command("model", "list the models, or switch to one", _model, "[NAME]")
APPROVAL = Command(
    "approval",
    "what may happen without a question",
    _approval,
    "[MODE]",
    aliases=("permissions", "approvals"),
)
