"""`spark models`: what spark knows of models, and what the provider says it has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spark_cli.auth.keys import key_for
from spark_cli.cli.embedded import reachable
from spark_cli.cli.options import Listing
from spark_cli.cli.report import Reporter
from spark_cli.cli.table import Column, aligned
from spark_cli.config.models import BUILT_IN, known
from spark_cli.config.settings import ModelTraits, Provider, Settings
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Level, Notice
from spark_cli.core.printable import printable_line
from spark_cli.core.secret import Secret

Catalogue = Callable[[Provider, Secret | None], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """`traits` is `None` where nothing is known of the model.

    `offered` is `None` where the provider could not be asked.
    """

    name: str
    traits: ModelTraits | None
    chosen: bool
    offered: bool | None


def run_models(options: Listing, catalogue: Catalogue | None = None) -> int:
    """Print the table; a provider that does not answer is a warning."""
    loaded = options.load(os.environ)
    reporter = Reporter.of(colorless=options.no_color or options.plain)
    for notice in loaded.notices:
        reporter.notice(notice)
    try:
        offered = _offered(loaded.settings, catalogue or _ask)
    except SparkError as error:
        offered = None
        text = f"the list is spark's own: {error.message}"
        reporter.notice(Notice(Level.WARNING, text, error.hint))
    found = rows(loaded.settings, offered)
    sys.stdout.write(as_json(found) if options.json else table(found))
    return 0


def rows(settings: Settings, offered: Sequence[str] | None) -> list[Row]:
    """The chosen model, then those of the config, the table and the provider.

    Of the table only what the provider offers, where it was asked.
    """
    table = [one for one in BUILT_IN if offered is None or one in offered]
    names = dict.fromkeys(
        [settings.model, *settings.models, *table, *sorted(offered or ())]
    )
    return [
        Row(
            name,
            known(name, settings.models),
            name == settings.model,
            None if offered is None else name in offered,
        )
        for name in names
    ]


def table(found: Sequence[Row]) -> str:
    """One row a model; `*` marks the one in use."""
    columns = (Column(), Column(), Column(right=True), Column())
    return aligned(map(_cells, found), columns, sys.stdout)


def as_json(found: Sequence[Row]) -> str:
    import json

    models = [
        {
            "name": row.name,
            "context_window": row.traits.context_window if row.traits else None,
            "best_for": row.traits.best_for if row.traits else "",
            "chosen": row.chosen,
            "offered": row.offered,
        }
        for row in found
    ]
    return json.dumps({"v": 1, "models": models}, indent=2) + "\n"


def _cells(row: Row) -> tuple[str, str, str, str]:
    window = f"{row.traits.context_window // 1000:,}k" if row.traits else ""
    best_for = row.traits.best_for if row.traits else ""
    mark = "*" if row.chosen else ""
    return mark, printable_line(row.name), window, printable_line(best_for)


def _offered(settings: Settings, catalogue: Catalogue) -> Sequence[str]:
    name = settings.provider
    with reachable(name, settings.providers[name]) as provider:
        return catalogue(provider, key_for(name, provider, os.environ))


def _ask(provider: Provider, key: Secret | None) -> Sequence[str]:
    import asyncio

    from spark_cli.wire.catalogue import models

    return asyncio.run(models(provider, key))
