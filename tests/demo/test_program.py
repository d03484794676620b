from __future__ import annotations

from spark_cli.demo.ask import Use
from spark_cli.demo.program import Done, Program, Step, advance


def two_steps() -> Program[str]:
    first = yield Step((Use("f", '{"n": 1}'), Use("f", '{"n": 2}')), "hello")
    (second,) = yield Step((Use("f", '{"n": 1}'),))
    return "".join([*first, second])


A, B = Done("f", '{"n": 1}', "a"), Done("f", '{"n": 2}', "b")


def test_the_first_step_without_an_output_is_next() -> None:
    assert advance(two_steps(), []) == Step(
        (Use("f", '{"n": 1}'), Use("f", '{"n": 2}')), "hello"
    )
    assert advance(two_steps(), [A, B]) == Step((Use("f", '{"n": 1}'),))
    assert advance(two_steps(), [A, B, Done("f", '{"n": 1}', "c")]) == "abc"


def test_outputs_may_come_in_any_order_within_a_step() -> None:
    assert advance(two_steps(), [B, A, Done("f", '{"n": 1}', "c")]) == "abc"


def test_only_what_is_missing_of_a_step_is_asked_for_again() -> None:
    assert advance(two_steps(), [B]) == Step((Use("f", '{"n": 1}'),))
    assert advance(two_steps(), [A]) == Step((Use("f", '{"n": 2}'),))


def test_a_client_may_write_the_same_arguments_differently() -> None:
    rewritten = [Done("f", '{"n":1}', "a"), B, Done("f", ' {"n" : 1} ', "c")]

    assert advance(two_steps(), rewritten) == "abc"


def test_a_client_that_rewrites_arguments_is_not_asked_for_ever() -> None:
    rewritten = [Done("f", "?", "a"), Done("f", "!", "b"), Done("f", "?", "c")]

    assert advance(two_steps(), rewritten) == "abc"


def test_other_calls_in_between_do_not_count() -> None:
    other = Done("g", "{}", "x")

    assert advance(two_steps(), [other, A, other, B, other]) == Step(
        (Use("f", '{"n": 1}'),)
    )
