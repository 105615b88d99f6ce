"""Writes `docs/keys.md` from the one table of keys: `python docs/make_keys.py`. A test says when that is due."""

from __future__ import annotations

from pathlib import Path

from tbtui.widgets.key_table import KEYS, SCOPES
from tbtui.widgets.keys import help_topics

BEGIN = """# Keys

The same in every dashboard but where a heading names one; `?` in the app shows those for what is focused. Made by
`docs/make_keys.py` from `tbtui/widgets/key_table.py`.
"""

NAMES = """## Names for the configuration

With other keys, see [configuration.md](configuration.md#keys): `theme = "f5"` in the table `[keys]`.
"""


def document() -> str:
    """The whole of `docs/keys.md`."""
    parts = [BEGIN]
    for heading, keys in (topic for scope in SCOPES for topic in help_topics(scope)):
        rows = [f"| {_code(names)} | {sentence.replace('|', chr(92) + '|')} |" for names, sentence in keys]
        parts.append("\n".join([f"## {heading}", "", "| key | does |", "|---|---|", *rows, ""]))
    names = [f"| `{key.id}` | {key.help.replace('|', chr(92) + '|')} |" for key in KEYS]
    parts.append("\n".join([NAMES, "| name | does |", "|---|---|", *names, ""]))
    return "\n".join(parts)


def _code(keys: str) -> str:
    return " ".join(key if key == ".." else f"`{key}`" for key in keys.split())


if __name__ == "__main__":
    Path(__file__).with_name("keys.md").write_text(document())
