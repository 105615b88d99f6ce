"""What texts are written in: styles without a background, from the theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.color import Color, ColorParseError
from rich.style import Style

__all__ = ["Inks", "inks_from"]


@dataclass(frozen=True, slots=True)
class Inks:
    """Foreground styles. added, removed: of differences; changed: the part of a line that differs; found: what was
    searched for."""

    text: Style
    strong: Style
    muted: Style
    faint: Style
    accent: Style
    code: Style
    name: Style
    number: Style
    link: Style
    added: Style
    removed: Style
    found: Style


def inks_from(variables: Mapping[str, str]) -> Inks:
    """Inks from the variables of a theme; what is missing is the terminal's own colour."""

    def ink(name: str, **look: bool) -> Style:
        try:
            color = Color.parse(variables[name])
        except (KeyError, ColorParseError):
            return Style(**look)  # type: ignore[arg-type]  # mypy takes the names for those of colours
        return Style(color=color, **look)  # type: ignore[arg-type]

    return Inks(
        text=ink("foreground"),
        strong=ink("foreground", bold=True),
        muted=ink("muted"),
        faint=ink("faint"),
        accent=ink("accent", bold=True),
        code=ink("secondary"),
        name=ink("primary"),
        number=ink("warning"),
        link=ink("primary", underline=True),
        added=ink("success"),
        removed=ink("error"),
        found=ink("accent", reverse=True),
    )
