"""The command palette: every action of the key table, by its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from tbtui.widgets.keys import KEYS, Key, key_names

LEFT_OUT = frozenset(("filter", "chart", "list"))
"""Scopes whose keys mean something only where the focus is."""


class KeyCommands(Provider):
    """Offers each row of the table that means something anywhere; running one is pressing its key."""

    def _rows(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        seen = set()
        for key in KEYS:
            if key.scope in LEFT_OUT or key.help in seen or key.id == "palette":
                continue
            seen.add(key.help)
            yield key.help[:1].upper() + key.help[1:], ", ".join(key_names(key)), self._runner(key)

    def _runner(self, key: Key) -> IgnoreReturnCallbackType:
        action = f"app.dashboard('{key.action}')" if key.scope == "dashboard" else f"app.{key.action}"

        async def run() -> None:
            await self.app.run_action(action)

        return run

    async def discover(self) -> Hits:
        for sentence, keys, run in self._rows():
            yield DiscoveryHit(sentence, run, help=keys)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for sentence, keys, run in self._rows():
            score = matcher.match(sentence)
            if score > 0:
                yield Hit(score, matcher.highlight(sentence), run, help=keys)
