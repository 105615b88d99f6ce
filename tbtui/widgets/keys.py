"""What is made from the table of keys: bindings, the rows of the footer and of help, keys as people write them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from textual.binding import Binding, BindingType

from tbtui.widgets.key_table import ANYWHERE, KEYS, MOVE_KEY, SCOPES, SIGNS, TOPICS, Key


def key_names(key: Key) -> list[str]:
    """The keys of one row as people write them: `pgdn`, `←`, `ctrl+p`."""
    return [SIGNS.get(name, name) for name in split_keys(key.keys)]


def split_keys(keys: str) -> list[str]:
    """`"j,down"` -> `["j", "down"]`."""
    return [name for name in keys.split(",") if name]


def bindings(*scopes: str) -> list[BindingType]:
    """Textual bindings of the keys of these scopes, each with its id, so that a keymap can replace its keys.

    "dashboard" keys call `action_dashboard(name)`, which the app answers by asking the dashboard that is shown.
    """
    return [
        Binding(
            key.keys,
            f"dashboard('{key.action}')" if key.scope == "dashboard" else key.action,
            key.help,
            show=False,
            id=key.id,
            priority=key.priority,
        )
        for key in KEYS
        if key.scope in scopes
    ]


def forwarded(*scopes: str) -> list[BindingType]:
    """The same for a pane whose dashboard answers them: each key calls `action_key(name)`."""
    rows = [binding for binding in bindings(*scopes) if isinstance(binding, Binding)]
    return [replace(binding, action=f"key('{binding.action}')") for binding in rows]


def rebound(keys: Iterable[Key], keymap: dict[str, str]) -> list[Key]:
    """The same rows with the keys the user chose instead (`Options.keymap`)."""
    return [Key(k.id, keymap.get(k.id, k.keys), k.action, k.label, k.help, k.scope, k.footer, k.priority) for k in keys]


def footer_keys(scopes: Iterable[str], keys: Iterable[Key] = KEYS) -> list[Key]:
    """The rows the footer may show where these scopes are at hand, the one to keep longest first."""
    wanted = set(scopes)
    rows = [key for key in (*keys, MOVE_KEY) if key.footer and key.scope in wanted]
    return sorted(rows, key=lambda key: key.footer)


def help_rows(scope: str, keys: Iterable[Key] = KEYS) -> list[tuple[str, str]]:
    """(keys, sentence) of one scope, rows with the same sentence made one; runs of digits as `1`..`9`."""
    rows: dict[str, list[str]] = {}
    for key in keys:
        if key.scope == scope:
            rows.setdefault(key.help, []).extend(key_names(key))
    return [
        (f"{names[0]} .. {names[-1]}" if len(names) > 4 else " ".join(names), help_) for help_, names in rows.items()
    ]


def help_topics(scope: str, keys: Iterable[Key] = KEYS) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows of one scope under their headings, first those that have the heading of the scope."""
    heading_of = {word: heading for heading, words in TOPICS.get(scope, {}).items() for word in words.split()}
    found: dict[str, list[Key]] = {SCOPES[scope]: [], **{heading: [] for heading in TOPICS.get(scope, {})}}
    for key in keys:
        if key.scope == scope:
            found[heading_of.get(key.id.partition(".")[0], SCOPES[scope])].append(key)
    return [(heading, help_rows(scope, rows)) for heading, rows in found.items() if rows]


def in_help(scope: str, at_hand: Collection[str]) -> bool:
    """Whether help is about this scope where those are at hand: not about other dashboards."""
    return scope in ANYWHERE or scope in at_hand or (scope == "chart" and "dashboard" in at_hand)
