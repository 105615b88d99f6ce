"""Strings that a terminal or a markup parser would act upon, each with what must never reach the terminal."""

from __future__ import annotations

CONTROL = {
    "csi": "\x1b[31;777mred",
    "cursor report": "\x1b[6nask",
    "title bel": "\x1b]0;pwned\x07",
    "link": "\x1b]8;;http://evil\x1b\\click",
    "clipboard st": "\x1b]52;c;cHduZWQ=\x1b\\",
    "clipboard open": "\x1b]52;c;cHduZWQ=",
    "dcs": "\x1bPq#0;pwned\x1b\\",
    "apc": "\x1b_Gpwned\x1b\\",
    "pm": "\x1b^pwned\x1b\\",
    "sos": "\x1bXpwned\x1b\\",
    "reset": "\x1bcreset",
    "c1 csi": "\x9b31;777m",
    "c1 osc": "\x9d0;pwned\x9c",
    "bel": "a\x07b",
    "backspace": "abc\x08\x08x",
    "return": "abc\rxyz",
    "lines": "a\nb\x0bc\x0cd",
    "tab": "a\tb",
    "shift": "a\x0eb\x0fc",
    "delete": "a\x7fb",
    "bidi": "a\u202eb\u2066c\u2069",
    "invisible": "a\u200bb\u2060c\ufeffd",
}
"""What a terminal acts upon, or what cannot be seen."""

MARKUP = {
    "close": "[/x]",
    "open": "[/",
    "half": "[r",
    "index": "[0] a",
    "bold": "[bold]loud[/bold]",
    "click": "[@click=app.quit]here[/]",
    "web": "[link=http://evil]here[/link]",
    "backslash": "\\[bold] \\\\[/]",
    "dollar": "$foreground {x} %s",
}
"""What Rich and Textual read as markup; to be shown as it is."""

FORBIDDEN = [bytes([code]) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F)]
FORBIDDEN += [chr(code).encode() for code in (*range(0x80, 0xA0), 0x202E, 0x2066, 0x2069, 0x200B, 0x2060, 0xFEFF)]
"""Bytes that the app has no reason to send."""
