"""A small repository to try spark on: a café's till, with a bug left in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spark_cli.core.errors import SparkError
from spark_cli.workspace.repo import Repo

# What to type first: each is a request that the demo model carries out.
PROMPTS: tuple[str, ...] = (
    "fix the crash in crash.log",
    "rename net_price to price_before_tax",
    "add a docstring to add_tip in cafe/till.py",
    "explain cafe/orders.py",
)

_README = """\
# Café

A till for a very small café.

    python -m cafe espresso flat-white croissant
    python -m unittest

Prices are in cents. `net_price` adds them up, and `cafe/menu.py` says what there is.
`crash.log` is what happened this morning, before the first guest came in.
"""

_MENU = '''\
"""What there is, and what it costs."""

from __future__ import annotations

PRICES = {
    "espresso": 220,
    "flat-white": 380,
    "filter": 300,
    "croissant": 260,
    "cinnamon-bun": 340,
}


def price(name: str) -> int:
    """The price of one thing, in cents."""
    return PRICES[name]
'''

_ORDERS = '''\
"""Orders: what a guest has asked for, and the day's book of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from cafe.menu import price


@dataclass
class Order:
    guest: str
    things: list[str] = field(default_factory=list)

    def add(self, thing: str) -> None:
        """Put one more thing on the tray."""
        self.things.append(thing)

    def net_price(self) -> int:
        """The price of all of it, before tax."""
        return sum(price(thing) for thing in self.things)


@dataclass
class Book:
    """A day's orders."""

    orders: list[Order] = field(default_factory=list)

    def take(self, order: Order) -> None:
        """Write down an order."""
        self.orders.append(order)
'''

_TILL = '''\
"""The till: from orders to money."""

from __future__ import annotations

from cafe.orders import Book, Order

TAX = 0.07


def gross_price(order: Order) -> int:
    """The price with tax, in whole cents."""
    return round(order.net_price() * (1 + TAX))


def add_tip(cents, percent):
    return cents + cents * percent // 100


def average_order(book: Book) -> float:
    """What an order comes to on average."""
    total = sum(order.net_price() for order in book.orders)
    return total / len(book.orders)


def receipt(order: Order) -> str:
    """What is printed for the guest."""
    lines = [f"{order.guest}:"]
    lines += [f"  {thing}" for thing in order.things]
    lines.append(f"  total {gross_price(order) / 100:.2f}")
    return "\\n".join(lines)
'''

_MAIN = '''\
"""Take an order on the command line, and print its receipt."""

from __future__ import annotations

import sys

from cafe.orders import Book, Order
from cafe.till import average_order, receipt


def main(things: list[str]) -> None:
    """One guest, and what they asked for; none at all is an empty day."""
    book = Book()
    if things:
        order = Order("guest", things)
        book.take(order)
        print(receipt(order))
    print(f"average today: {average_order(book) / 100:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
'''

_TEST = """\
from __future__ import annotations

import unittest

from cafe.orders import Book, Order
from cafe.till import average_order, gross_price, receipt


class TillTest(unittest.TestCase):
    def test_the_net_price_adds_up(self) -> None:
        self.assertEqual(Order("Ada", ["espresso", "croissant"]).net_price(), 480)

    def test_tax_is_added(self) -> None:
        self.assertEqual(gross_price(Order("Ada", ["filter"])), 321)

    def test_the_average_of_two_orders(self) -> None:
        book = Book([Order("Ada", ["espresso"]), Order("Alan", ["flat-white"])])
        self.assertEqual(average_order(book), 300)

    def test_the_receipt_names_the_guest(self) -> None:
        self.assertIn("Ada", receipt(Order("Ada", ["filter"])))


if __name__ == "__main__":
    unittest.main()
"""

CRASH = """\
$ python -m cafe
Traceback (most recent call last):
  File "cafe/__main__.py", line 22, in <module>
    main(sys.argv[1:])
  File "cafe/__main__.py", line 18, in main
    print(f"average today: {average_order(book) / 100:.2f}")
  File "cafe/till.py", line 22, in average_order
    return total / len(book.orders)
ZeroDivisionError: division by zero
"""

FILES: Mapping[str, str] = {
    ".gitignore": "__pycache__/\n",
    "README.md": _README,
    "cafe/__init__.py": '"""A till for a very small café."""\n',
    "cafe/__main__.py": _MAIN,
    "cafe/menu.py": _MENU,
    "cafe/orders.py": _ORDERS,
    "cafe/till.py": _TILL,
    "crash.log": CRASH,
    "tests/__init__.py": "",
    "tests/test_till.py": _TEST,
}

_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Café"), ("EMAIL", "cafe@example.com"))
}


def make(path: Path) -> None:
    """Make the sample, with one commit, in a folder that is new or empty."""
    if path.exists() and any(path.iterdir()):
        raise SparkError(
            f"cannot make the sample in `{path}`: the folder is not empty",
            "name a new folder, or use `--here` to stay in this one",
        )
    for name, text in FILES.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    top = path.resolve()
    repo = Repo(top, top / ".git", top / ".git")
    repo.git("init", "--quiet", "--initial-branch=main")
    repo.git("add", "--all")
    first = ("commit", "--quiet", "--no-gpg-sign", "--message", "A till for a café")
    repo.git(*first, env=_AUTHOR)
