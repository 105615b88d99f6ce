"""The looks of the app: dark, light, and high contrast."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="tbtui-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#7dcfff",
    accent="#ff9e3d",
    foreground="#d5d9e0",
    background="#0f1217",
    surface="#151a21",
    panel="#1c232c",
    success="#5fc77e",
    warning="#e5b454",
    error="#f2616d",
    variables={
        "muted": "#8a94a3",
        "faint": "#4a5362",
        "cursor": "#26364d",
        "blurred": "#1d2531",
        "frame": "#36404d",
        "frame-focus": "#ff9e3d",
    },
)

LIGHT = Theme(
    name="tbtui-light",
    dark=False,
    primary="#2a5fd0",
    secondary="#0b7285",
    accent="#b54708",
    foreground="#1f2933",
    background="#fbfbfa",
    surface="#f1f2f3",
    panel="#e6e8ea",
    success="#187a3b",
    warning="#8f5c00",
    error="#c01f30",
    variables={
        "muted": "#5c6773",
        "faint": "#a9b2bc",
        "cursor": "#d3e2f8",
        "blurred": "#e9edf2",
        "frame": "#c3cad2",
        "frame-focus": "#b54708",
    },
)

CONTRAST = Theme(
    name="tbtui-contrast",
    dark=True,
    primary="#ffffff",
    secondary="#00ffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    success="#00ff5f",
    warning="#ffd700",
    error="#ff8080",
    variables={
        "muted": "#d0d0d0",
        "faint": "#9a9a9a",
        "cursor": "#0050c0",
        "blurred": "#303030",
        "frame": "#c0c0c0",
        "frame-focus": "#ffff00",
    },
)

ALL = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}
"""By their names in `settings.THEMES`."""
