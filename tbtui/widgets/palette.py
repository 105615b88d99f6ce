"""The command palette: every action of the key table, by its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tbtui.widgets.key_table import ANYWHERE, KEYS, Key
from tbtui.widgets.keys import in_help, key_names

LEFT_OUT_SCOPES = frozenset(("filter", "chart", "list"))
"""Keys that mean something only where the focus is."""

LEFT_OUT = frozenset(("palette", "quit.at_once", "pane.next", "pane.previous", "out"))
"""Keys that are no help once the palette is open."""

SENTENCE_CELLS = 46

NAMED = 100.0
"""How much more it counts that the footer's word for an action was typed than that its letters are in a sentence."""

PALETTE_CSS = """
CommandPalette > Vertical { width: 72; max-width: 100%; margin-top: 2; }
CommandPalette #--input, CommandPalette #--input.--list-visible {
    height: 3; border: round $frame-focus; background: $background; padding: 0 1;
}
CommandPalette #--input SearchIcon { display: none; }
CommandPalette #--input Input, CommandPalette #--input Input:focus { width: 1fr; height: 1; border: none; }
CommandPalette LoadingIndicator { display: none; }
CommandPalette CommandList {
    background: $background; border: round $frame; padding: 0;
    height: auto; max-height: 60vh; scrollbar-size-vertical: 1;
}
CommandPalette CommandList > .option-list--option { padding: 0 1; text-style: none; }
CommandPalette CommandList > .option-list--option-highlighted { background: $cursor; color: $foreground; }
"""
"""How Textual's palette looks in this app: one framed line to type in, one line for each action."""


class KeyCommands(Provider):
    """Offers each row of the table that means something anywhere; running one is pressing its key."""

    def _rows(self) -> Iterator[tuple[str, str, str, IgnoreReturnCallbackType]]:
        """Sentence, footer's word, keys, and what to call."""
        seen = set()
        at_hand: tuple[str, ...] = getattr(self.screen, "scopes", tuple)()
        for key in KEYS:
            numbered = key.id.startswith("dashboard.")
            if key.scope in LEFT_OUT_SCOPES or key.id in LEFT_OUT or numbered or key.help in seen:
                continue
            if not in_help(key.scope, at_hand):
                continue
            seen.add(key.help)
            yield key.help[:1].upper() + key.help[1:], key.label, "  ".join(key_names(key)), self._runner(key)

    def _runner(self, key: Key) -> IgnoreReturnCallbackType:
        action = f"app.{key.action}" if key.scope in ANYWHERE else f"app.dashboard('{key.action}')"

        async def run() -> None:
            await self.app.run_action(action)

        return run

    async def discover(self) -> Hits:
        for sentence, _, keys, run in self._rows():
            yield DiscoveryHit(with_keys(Content(sentence), keys), run, text=sentence)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for sentence, word, keys, run in self._rows():
            score = matcher.match(sentence) + NAMED * (query.casefold() in word.casefold())
            if score > 0:
                yield Hit(score, with_keys(matcher.highlight(sentence), keys), run, text=sentence)


def with_keys(sentence: Content, keys: str) -> Content:
    """The sentence, and its keys in a column of their own."""
    space = " " * max(2, SENTENCE_CELLS - sentence.cell_length)
    return Content.assemble(sentence, space, (keys, "$accent"))
