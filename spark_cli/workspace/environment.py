"""What a command may see of the user's environment: everything but keys.

A model that can run `env` can read it aloud, and what it reads is sent on.  So the
names that programs give to keys are left out, whoever set them, unless the user
allows one by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_SECRET = re.compile(
    r"(KEY|KEYS|TOKEN|TOKENS|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL"
    r"|CREDENTIALS|COOKIE|MYSQL_PWD)(?=_|$)",
    re.IGNORECASE,
)

_QUIET = {
    # Nobody sits at this terminal: what would page, colour or ask must not.
    "GIT_EDITOR": ":",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "TERM": "dumb",
}


def users_own(base: Mapping[str, str], deny: Collection[str] = ()) -> dict[str, str]:
    """The same for a command that the user typed: only what `deny` names is left out.

    Those are the providers' keys, which no command of anybody needs to print.
    """
    return {name: value for name, value in base.items() if name not in deny} | _QUIET


def environment(
    base: Mapping[str, str],
    *,
    allow: Collection[str] = (),
    deny: Collection[str] = (),
) -> dict[str, str]:
    """`base` without what looks like a key, and set up for nobody watching.

    `deny` names variables that are left out whatever they look like, such as every
    provider's `env_key`; `allow` names those that are kept though they look like a
    key.  Where both name one, it is left out.
    """
    kept = {
        name: value
        for name, value in base.items()
        if name not in deny and (name in allow or not _SECRET.search(name))
    }
    return kept | _QUIET
