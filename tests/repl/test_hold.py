from __future__ import annotations

from spark_cli.repl.hold import Hold


class Painter:
    def __init__(self) -> None:
        self.did: list[str] = []

    def pause(self) -> None:
        self.did.append("pause")

    def resume(self) -> None:
        self.did.append("resume")


def test_the_screen_stands_still_until_a_key() -> None:
    painter = Painter()
    hold = Hold(painter)

    hold.key()
    hold.begin()
    assert (hold.held, painter.did) == (True, ["pause"])

    hold.key()
    assert (hold.held, painter.did) == (False, ["pause", "resume"])


def test_the_same_key_goes_on() -> None:
    painter = Painter()
    hold = Hold(painter)
    hold.key()
    hold.begin()

    hold.key()
    hold.begin()

    assert (hold.held, painter.did) == (False, ["pause", "resume"])


def test_a_question_that_comes_meanwhile_is_told() -> None:
    hold = Hold(Painter())
    assert hold.told(asked=True) == ""

    hold.begin()

    assert hold.told(asked=False) == "held; any key goes on"
    assert hold.told(asked=True) == "held; a question waits; any key goes on"
