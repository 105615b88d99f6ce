"""The audio dashboard: one sound at a time as waveform and spectrogram, with its measures, and played."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer

from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.cells import Cells
from tbtui.commands.blobs import samples_of
from tbtui.dashboards.audio.drawing import PARTS, Clip, Heard, Parts, Picture, clip_of, draw, facts
from tbtui.dashboards.audio.playing import PLAYERS, Playing, find_player
from tbtui.dashboards.entries import Entry
from tbtui.dashboards.listed import ListedDashboard, strips_of
from tbtui.dashboards.looks import looks_of
from tbtui.dashboards.saving import save
from tbtui.events.media import sound_kind
from tbtui.store import Reference
from tbtui.store.blobs import read_value
from tbtui.store.values import Unreadable, Values
from tbtui.widgets.markdown import plain_line
from tbtui.widgets.session import Session

MOST_BYTES = 128 << 20
"""Of sounds that are kept."""

LOOK_SECONDS = 0.2
"""Between two looks whether a sound still plays."""

PLAYING_FROM = 20
"""Rows from which it is said with what a sound would be played."""

MOST_FACTS = 3
"""Lines of facts."""

SHORTEST = 1 / 4096
"""Of a sound's time, at most zoom."""


class AudioDashboard(ListedDashboard):
    """Sounds of all shown runs."""

    PLUGIN = "audio"
    WORD = "sound"
    SCOPES: ClassVar[tuple[str, ...]] = ("audio",)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.clips: Values[Clip] = Values(clip_of, MOST_BYTES, lambda clip: clip.bytes)
        self.playing = Playing()
        self.player = find_player()
        self.parts: Parts = "both"
        self.logarithmic = True
        self.sample = 0
        self.begin, self.end = 0.0, 1.0
        self._body = (0, 0)
        self._drawn: tuple[object, Cells] | None = None
        self._strips: tuple[Cells, Style, list[Strip]] | None = None
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self._timer = self.set_interval(LOOK_SECONDS, self._look, pause=True)

    def on_unmount(self) -> None:
        self.playing.stop()

    # -- fetching

    def wish(self) -> None:
        entry = self.entries.current()
        reference = self.shown(entry)
        if entry is None or reference is None or not self.is_attached:
            return
        picture = self._picture(entry)
        listed = [self.shown(one) for one in self.listed(self.pane.size.height)]
        beside = [one for one in listed if one is not None and self.clips.peek(one) is None]
        key = (self._key(reference, picture), tuple((id(one.slot), one.offset) for one in beside))
        self.fetching.ask(key, lambda: self._work(reference, picture, self.sample, beside))

    def _key(self, reference: Reference, picture: Picture) -> object:
        return id(reference.slot), reference.offset, reference.index, self.sample, picture

    def _picture(self, entry: Entry) -> Picture:
        red, green, blue = self.session.color(entry.run.name)
        looks = looks_of(self.app, self.session.options)
        width, height = self._body
        color = red << 16 | green << 8 | blue
        return Picture(self.begin, self.end, width, height, self.parts, self.logarithmic, looks, color)

    def _work(self, reference: Reference, picture: Picture, sample: int, beside: list[Reference]) -> Iterator[None]:
        clip = self.clips.get(reference)
        if isinstance(clip, Clip) and clip.heard:
            heard = clip.heard[min(sample, len(clip.heard) - 1)]
            key = (id(reference.slot), reference.offset, reference.index, sample, picture)
            self._drawn = (key, draw(heard, picture))
        yield
        for one in beside:
            self.clips.get(one)
            yield

    def heard(self) -> Heard | None:
        """The sound that is shown; None where it is not at hand."""
        clip = self._clip()
        return clip.heard[min(self.sample, len(clip.heard) - 1)] if isinstance(clip, Clip) and clip.heard else None

    def _clip(self) -> Clip | Unreadable | None:
        reference = self.shown(self.entries.current())
        return self.clips.peek(reference) if reference is not None else None

    # -- drawing

    def preview(self, entry: Entry) -> str:
        reference = self.shown(entry)
        clip = self.clips.peek(reference) if reference is not None else None
        if clip is None:
            return "…"
        if isinstance(clip, Unreadable):
            return clip.reason
        if not clip.heard:
            return "no sound"
        first = facts(clip.heard[0])
        more = f"  {len(clip.heard)} sounds" if len(clip.heard) > 1 else ""
        return "  ".join(first[:2]) + more

    def paint_body(self, width: int, height: int) -> list[Strip]:
        inks, pane = self.inks, self.pane
        clip, heard = self._clip(), self.heard()
        if heard is None:
            words, ink = "reading", inks.muted
            if isinstance(clip, Unreadable):
                words, ink = f"This sound can't be read: {clip.reason}", inks.removed
            elif clip is not None:
                words = "There is no sound in this value"
            self._take_size(width, height)
            return [pane.dressed([(cut(safe(words), width), ink)], width)][:height]
        assert isinstance(clip, Clip)
        ink = inks.text if heard.sound is not None else inks.removed
        lines = [pane.dressed([(line, ink)], width) for line in self._facts(clip, heard, width)]
        if height >= PLAYING_FROM or self.playing.running or self.playing.failure:
            ink = inks.accent if self.playing.running else inks.muted
            lines.append(pane.dressed([(cut(self._playing_words(), width), ink)], width))
        lines = lines[: max(1, height - 4)]
        room = max(0, height - len(lines))
        self._take_size(width, room)
        reference = self.shown(self.entries.current())
        if self._drawn is not None and reference is not None and room:
            lines += self._strips_of(self._drawn[1])
        return lines[:height]

    def _strips_of(self, cells: Cells) -> list[Strip]:
        """The picture as lines, made anew when it or the theme is another one."""
        known, base = self._strips, self.pane.rich_style
        if known is None or known[0] is not cells or known[1] != base:
            self._strips = known = (cells, base, strips_of(cells, base))
        return known[2]

    def _take_size(self, width: int, height: int) -> None:
        if self._body != (width, height):
            self._body = (width, height)
            self.wish()

    def _facts(self, clip: Clip, heard: Heard, width: int) -> list[str]:
        """Facts in as many lines as they take, as long as that are few."""
        count = len(clip.heard)
        words = [f"sound {min(self.sample, count - 1) + 1} of {count}"] if count > 1 else []
        words += [plain_line(heard.label)] if heard.label else []
        words += facts(heard)
        lines, line = [], ""
        for one in (cut(safe(part), width) for part in words if part):
            longer = f"{line} · {one}" if line else one
            if line and cell_width(longer) > width:
                lines.append(line)
                longer = one
            line = longer
        return [*lines, line][:MOST_FACTS]

    def _playing_words(self) -> str:
        if self.playing.running and self.player is not None:
            return f"playing with {self.player.name}; P stops it"
        if self.playing.failure and self.player is not None:
            return f"{self.player.name} could not play it: {self.playing.failure}"
        if self.player is None:
            return f"not played: no {', '.join(PLAYERS)} on PATH; e saves it"
        return f"P plays it with {self.player.name}"

    # -- playing

    def action_play(self) -> None:
        heard = self.heard()
        if self.playing.running:
            self.playing.stop()
            self.say("Stopped")
        elif heard is None:
            self.say("There is no sound to play")
        elif self.player is None:
            self.say(f"No player was found on PATH: {', '.join(PLAYERS)}")
        else:
            try:
                self.playing.start(self.player, heard.data, sound_kind(heard.data)[0] or "wav")
            except OSError as error:
                self.say(f"{self.player.name} can't be run: {error.strerror or error}")
            if self._timer is not None:
                self._timer.resume()
        self.pane.repaint()

    def _look(self) -> None:
        if not self.playing.look():
            if self._timer is not None:
                self._timer.pause()
            self.pane.repaint()

    # -- which part of which sound

    def entry_changed(self) -> None:
        self.sample = 0
        self.begin, self.end = 0.0, 1.0

    def action_next_sample(self) -> None:
        self._choose_sample(1)

    def action_previous_sample(self) -> None:
        self._choose_sample(-1)

    def _choose_sample(self, by: int) -> None:
        clip = self._clip()
        count = len(clip.heard) if isinstance(clip, Clip) else 0
        if count < 2:
            self.say("There is one sound at this step")
            return
        self.sample = (min(self.sample, count - 1) + by) % count
        self.moved()

    def do_down(self) -> None:
        self.action_next_entry()

    def do_up(self) -> None:
        self.action_previous_entry()

    def do_page_down(self) -> None:
        self._go(self.entries.move(5), "This is the last sound")

    def do_page_up(self) -> None:
        self._go(self.entries.move(-5), "This is the first sound")

    def do_first(self) -> None:
        self._go(self.entries.go_to(0), "This is the first sound")

    def do_last(self) -> None:
        self._go(self.entries.go_to(len(self.entries.all())), "This is the last sound")

    def do_left(self) -> None:
        self.action_pan_left()

    def do_right(self) -> None:
        self.action_pan_right()

    # -- how it is drawn

    def action_parts(self) -> None:
        self.parts = PARTS[(PARTS.index(self.parts) + 1) % len(PARTS)]
        self.say("Waveform and spectrogram" if self.parts == "both" else f"The {self.parts} alone")
        self.moved()

    def action_frequencies(self) -> None:
        self.logarithmic = not self.logarithmic
        self.say(f"Frequencies: {'logarithmic' if self.logarithmic else 'linear'}")
        self.moved()

    def action_zoom_in(self) -> None:
        self._zoom(0.5, "This is as near as it goes")

    def action_zoom_out(self) -> None:
        self._zoom(2.0, "This is all of the sound")

    def _zoom(self, factor: float, otherwise: str) -> None:
        middle, span = (self.begin + self.end) / 2, self.end - self.begin
        wanted = min(max(span * factor, SHORTEST), 1.0)
        if wanted == span:
            self.say(otherwise)
            return
        self._see(middle - wanted / 2, wanted)

    def _see(self, begin: float, span: float) -> None:
        self.begin = min(max(begin, 0.0), 1.0 - span)
        self.end = self.begin + span
        self.moved()

    def action_pan_left(self) -> None:
        self._pan(-0.25)

    def action_pan_right(self) -> None:
        self._pan(0.25)

    def _pan(self, share: float) -> None:
        span = self.end - self.begin
        before = self.begin
        if span == 1.0:
            self.say("All of the sound is seen; z shows a shorter stretch")
            return
        self._see(self.begin + share * span, span)
        if self.begin == before:
            self.say("This is the end of the sound" if share > 0 else "This is the begin of the sound")

    def action_fit(self) -> None:
        if (self.begin, self.end) == (0.0, 1.0):
            self.say("This is all of the sound")
        self._see(0.0, 1.0)

    def step_out(self) -> bool:
        if self.playing.running:
            self.action_play()
        elif (self.begin, self.end) != (0.0, 1.0):
            self.action_fit()
        else:
            return super().step_out()
        return True

    # -- taking away

    def action_copy(self) -> None:
        entry, heard = self.entries.current(), self.heard()
        reference = self.shown(entry)
        if entry is None or heard is None or reference is None:
            self.say("There is nothing to copy")
            return
        names = [safe(entry.run.name), safe(entry.series.tag), f"step {reference.step}"]
        self.app.copy_to_clipboard("  ".join([*names, *facts(heard)]))
        self.say("Copied what is said of the sound to the clipboard")

    def action_export(self) -> None:
        """The bytes that were logged, into a new file in the current directory."""
        entry = self.entries.current()
        reference = self.shown(entry)
        if entry is None or reference is None:
            self.say("There is nothing to save")
            return
        title = f"{entry.series.tag}-step-{reference.step}"
        clip = self._clip()
        count = len(clip.heard) if isinstance(clip, Clip) else 1

        async def do() -> None:
            only = min(self.sample, count - 1) if count > 1 else None
            self.say(
                await asyncio.to_thread(
                    lambda: save(lambda: samples_of(read_value(reference), "audio"), Path.cwd(), title, only)
                )
            )

        self.run_worker(do())


__all__ = ["AudioDashboard"]
