"""What the live face lets commands know."""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.commands.command import Desk
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View


def desk(
    scene: Scene, view: View, branch: str, keys: Sequence[tuple[str, str]]
) -> Desk:
    return Desk(
        model=view.model,
        provider=view.provider,
        approval=view.approval,
        facts=(("session", scene.session), ("branch", branch)),
        status=scene.status,
        session_diff=scene.session_diff,
        models=scene.models,
        checkpoints=scene.checkpoints,
        keys=keys,
    )
