"""What the live face lets commands know."""

from __future__ import annotations

from spark_cli.commands.command import Desk
from spark_cli.commands.story import Story
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View


def desk(scene: Scene, view: View, story: Story) -> Desk:
    return Desk(
        model=view.model,
        provider=view.provider,
        approval=view.approval,
        effort=view.effort,
        running=view.running or view.awaiting,
        context_tokens=scene.meter.context_tokens,
        facts=(("session", scene.session),),
        speeds=scene.meter.speeds,
        story=story,
        look=scene.look,
    )
