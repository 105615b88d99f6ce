"""Which part of the x axis a chart shows, and how keys change it: arithmetic on numbers, no drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace

STEP_IN = 0.5
"""How much of the window is left after zooming in once."""

PAN = 0.25
"""How far one key moves the window, as a share of its width."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the x axis. `follow`: it ends with the newest point and moves on when points are added."""

    x0: float
    x1: float
    follow: bool = False

    @property
    def width(self) -> float:
        """How much of the axis it shows."""
        return self.x1 - self.x0


def resolve(window: Window | None, full: tuple[float, float]) -> Window | None:
    """The window as it is with the data of now, which reach over `full`; None: all of them are shown."""
    if window is None or full[1] <= full[0]:
        return None
    if window.follow:
        return replace(window, x0=max(full[0], full[1] - window.width), x1=full[1])
    return window


def zoom_in(window: Window | None, full: tuple[float, float], at: float | None, least: float) -> Window | None:
    """Half as wide, around `at`; without a cursor at the newest point, which it then follows.

    `least` is the smallest width; a window of that width is given back as it was.
    """
    now = resolve(window, full) or Window(*full, follow=True)
    if now.width <= 0:
        return window
    width = max(now.width * STEP_IN, least)
    if width >= now.width:
        return window
    if at is None:
        return Window(now.x1 - width, now.x1, now.follow)
    at = min(max(at, now.x0), now.x1)
    x0 = at - (at - now.x0) * width / now.width
    follow = now.follow and x0 + width >= full[1]
    return Window(x0, x0 + width, follow)


def zoom_out(window: Window | None, full: tuple[float, float], at: float | None) -> Window | None:
    """Twice as wide, around `at`; None when all data fit."""
    now = resolve(window, full)
    if now is None:
        return None
    width = now.width / STEP_IN
    if width >= full[1] - full[0]:
        return None
    if at is None:
        at = now.x1 if now.follow else (now.x0 + now.x1) / 2
    at = min(max(at, now.x0), now.x1)
    return _inside(Window(at - (at - now.x0) / STEP_IN, at + (now.x1 - at) / STEP_IN), full)


def pan(window: Window | None, full: tuple[float, float], direction: int) -> Window | None:
    """A quarter of its width to the left (-1) or right (1), not beyond the data."""
    return pan_by(window, full, direction * PAN)


def pan_by(window: Window | None, full: tuple[float, float], share: float) -> Window | None:
    """A share of its width to the right, not beyond the data."""
    now = resolve(window, full)
    if now is None:
        return None
    shift = share * now.width
    return _inside(Window(now.x0 + shift, now.x1 + shift), full)


def show(window: Window | None, full: tuple[float, float], x: float) -> Window | None:
    """The window moved just so far that `x` is inside."""
    now = resolve(window, full)
    if now is None or now.x0 <= x <= now.x1:
        return window
    margin = now.width * 0.1
    if x < now.x0:
        return _inside(Window(x - margin, x - margin + now.width), full)
    return _inside(Window(x + margin - now.width, x + margin), full)


def _inside(window: Window, full: tuple[float, float]) -> Window:
    """Moved inside the data; at their right edge it follows them."""
    x0, x1 = window.x0, window.x1
    if x0 < full[0]:
        x0, x1 = full[0], full[0] + window.width
    if x1 >= full[1]:
        x0, x1 = max(full[0], full[1] - window.width), full[1]
        return Window(x0, x1, follow=True)
    return Window(x0, x1)
