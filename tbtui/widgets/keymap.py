"""Keys that the user chose instead of those of the table: only what can work, and a sentence for what can not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from textual.keys import Keys, _character_to_key

from tbtui.widgets.key_table import KEYS, SIGNS, Key
from tbtui.widgets.keys import split_keys

AT_HAND = (
    frozenset(("global", "run", "dashboard", "list")),
    frozenset(("global", "run", "dashboard", "chart")),
    frozenset(("global", "run", "graph", "list")),
    frozenset(("global", "run", "histograms", "list")),
    frozenset(("global", "run", "histograms", "chart")),
    frozenset(("global", "run", "layers", "list")),
    frozenset(("global", "run", "images", "list")),
    frozenset(("global", "run", "text", "list")),
    frozenset(("global", "run", "audio", "list")),
)
"""Scopes whose keys are at hand together: there a key means one thing only."""

WRITTEN = {sign: name for name, sign in SIGNS.items() if len(sign) > 1 or not sign.isascii()}
"""Names as the footer writes them -> Textual's."""

NAMES = {key.value for key in Keys if not key.value.startswith("<")} | {
    _character_to_key(chr(code)) for code in range(0x20, 0x7F)
}
MODIFIERS = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)*")


def key_name(text: str) -> str | None:
    """Textual's name of a key; None where there is no such key."""
    text = WRITTEN.get(text, text)
    found = MODIFIERS.match(text)
    modifiers = found.group() if found else ""
    name = text[len(modifiers) :]
    if len(name) == 1 and name.isprintable():
        return modifiers + _character_to_key(name)
    return modifiers + name if name in NAMES else None


def own_keys(scopes: Collection[str], keys: Iterable[Key] = KEYS) -> dict[str, str]:
    """Textual's name of a key -> action, of the scopes that are a dashboard's own."""
    own = [row for row in keys if row.scope in scopes and row.scope != "dashboard"]
    return {name: row.action for row in own for name in key_codes(row)}


def key_codes(row: Key) -> list[str]:
    """The keys of a row by Textual's names."""
    return _names(row.keys)


def checked_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The keymap that can be in force, and (name, what is wrong) for all that can not.

    A key that is given to another action leaves the one it belonged to, which must have another key left.
    """
    if not keymap:
        return {}, []
    rows = {row.id: row for row in KEYS}
    chosen, told = _understood(keymap, rows)
    default = {row.id: _names(row.keys) for row in KEYS}
    keys = {name: list(names) for name, names in (default | chosen).items()}
    for name in chosen:
        for key in list(keys[name]):
            others = [row for row in KEYS if row.id != name and key in keys[row.id] and _together(rows[name], row)]
            held = next((row.id for row in others if row.id in chosen or len(keys[row.id]) == 1), None)
            if held is not None:
                told.append((name, f"{key} is the key of {held}, which needs another one first"))
                keys[name].remove(key)
                continue
            for row in others:
                keys[row.id].remove(key)
        if not keys[name]:
            keys[name] = default[name]
    return {name: ",".join(names) for name, names in keys.items() if names != default[name]}, told


def _understood(
    keymap: Mapping[str, str], rows: Mapping[str, Key]
) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    chosen: dict[str, list[str]] = {}
    told = []
    for name, keys in keymap.items():
        if name not in rows:
            told.append((name, "nothing has this name"))
            continue
        for text in split_keys(keys):
            key = key_name(text)
            if key is None:
                told.append((name, f"{text} is no key"))
            elif key not in chosen.setdefault(name, []):
                chosen[name].append(key)
    return {name: keys for name, keys in chosen.items() if keys}, told


def _names(keys: str) -> list[str]:
    return [_character_to_key(name) if len(name) == 1 else name for name in split_keys(keys)]


def _together(one: Key, other: Key) -> bool:
    if one.priority or other.priority or one.scope == other.scope:
        return True
    return any(one.scope in scopes and other.scope in scopes for scopes in AT_HAND)
