from __future__ import annotations

from spark_cli.workspace.pruning import AGE_MAX_S, BYTES_MAX, COUNT_MAX, made_s, surplus
from spark_cli.workspace.snapshots import Weight

NOW = 2_000_000_000.0


def weight(age_s: float, size_bytes: int = 1) -> Weight:
    name = f"{int((NOW - age_s) * 1e6):013x}00"
    return Weight(f"ref/{name}", name, size_bytes)


def test_few_young_and_small_ones_stay() -> None:
    assert surplus([weight(age) for age in range(COUNT_MAX)], NOW) == []


def test_the_oldest_go_where_there_are_too_many() -> None:
    weights = [weight(age) for age in range(COUNT_MAX + 2)]

    assert surplus(weights, NOW) == [one.handle for one in weights[-2:]]


def test_what_is_old_goes_but_never_the_last_ten() -> None:
    weights = [weight(AGE_MAX_S + 1 + age) for age in range(12)]

    assert surplus(weights, NOW) == [one.handle for one in weights[-2:]]


def test_what_is_too_much_together_goes_oldest_first() -> None:
    weights = [weight(age, BYTES_MAX // 20) for age in range(25)]

    assert surplus(weights, NOW) == [one.handle for one in weights[20:]]


def test_a_name_tells_when_it_was_made() -> None:
    assert round(NOW - made_s(weight(60).name)) == 60
    assert made_s("zz") == 0.0
