"""Where a provider's key comes from, as a value that cannot be printed by accident.

The provider's own variable (`env_key`) comes first.  A file named by
`SPARK_API_KEY_FILE` serves the provider that has none, but never another built-in
one than `openai`: it holds one key, which must not be shown to a second company
because `--provider` was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spark_cli.config.paths import shown
from spark_cli.config.providers import BUILT_IN, on_this_machine
from spark_cli.config.settings import Provider
from spark_cli.core.errors import Denied
from spark_cli.core.secret import Secret

FILE_VARIABLE = "SPARK_API_KEY_FILE"
_FILE_BYTES_MAX = 64 * 1024


def key_for(name: str, provider: Provider, environ: Mapping[str, str]) -> Secret | None:
    """The provider's key; `None` where it takes none, or runs on this machine.

    Raises `Denied` where there should be one and is none, or where what was found
    cannot be a key.
    """
    if provider.env_key is None:
        return None
    text = environ.get(provider.env_key, "").strip()
    place = f"`{provider.env_key}`"
    file = environ.get(FILE_VARIABLE, "")
    if not text and file and (name == "openai" or name not in BUILT_IN):
        path = Path(file).expanduser()
        text, place = _read(path), f"`{shown(path)}`"
    if text:
        return Secret(_checked(text, place))
    if on_this_machine(provider):
        return None
    raise Denied(
        f"there is no key for `{name}`: `{provider.env_key}` is not set",
        f"`export {provider.env_key}=...`, or try spark without a key: `spark demo`",
    )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(_FILE_BYTES_MAX).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Denied(
            f"cannot read the key file `{shown(path)}`: {reason}",
            f"mend `{FILE_VARIABLE}`, which names it",
        ) from None
    if not text:
        raise Denied(
            f"the key file `{shown(path)}` is empty",
            f"mend `{FILE_VARIABLE}`, which names it",
        )
    return text


def _checked(text: str, place: str) -> str:
    # It becomes a header: a line break would begin another one.
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    raise Denied(
        f"what {place} holds is not a key: it has spaces, line breaks or other signs",
        "a key is one word of plain letters, digits and signs",
    )
