"""Writes `docs/configuration.md` from the one table of options: `python docs/make_configuration.py`.

A test says when that is due.
"""

from __future__ import annotations

from pathlib import Path

from tbtui.settings.config import shown
from tbtui.settings.option import Option
from tbtui.settings.option_table import OPTIONS

BEGIN = """# Configuration

Nothing needs to be configured. What can be, is given in four ways; the first that says something counts:

1. the command line: `tbtui --smoothing 0.9 logs`
2. environment variables: `TBTUI_SMOOTHING=0.9`
3. the configuration file `~/.config/tbtui/config.toml` (below `$XDG_CONFIG_HOME` where that is set; another one with
   `--config FILE` or `TBTUI_CONFIG`)
4. the defaults

`tbtui config` prints what is in force, where each value comes from, and where the files lie (`--json` for programs).

```toml
# ~/.config/tbtui/config.toml
theme = "light"
smoothing = 0.8
pinned = ["loss", "val/accuracy"]

[plot]
smooth = 0.5

[keys]
theme = "f5"
"page.next" = ["n", "ctrl+f"]
```

A value that cannot be is one sentence, in the app among the problems (`!`) and in the status line, elsewhere on
standard error; the next weaker value counts. tbtui only ever reads the file.

In the environment a switch is `1`, `true`, `yes` or `on`, or `0`, `false`, `no` or `off`; a list has commas. An empty
variable counts as not set. This page is made by `docs/make_configuration.py` from `tbtui/settings/options.py`.
"""

SECTIONS = {
    "": ("Options", "At the top of the file."),
    "demo": ("`tbtui demo`", "In the table `[demo]`."),
    "plot": ("`tbtui plot`", "In the table `[plot]`."),
    "export": ("`tbtui export`", "In the table `[export]`."),
    "graph": ("`tbtui graph`", "In the table `[graph]`."),
}

END = """## Keys

The table `[keys]` gives other keys to actions; [keys.md](keys.md#names-for-the-configuration) has their names. A key is
a character or a name (`f5`, `enter`, `pagedown`, `ctrl+t`, `shift+left`); several are a list, or have commas between
them. A key that is given to another action leaves the one it had, which must have another key left.

## What is remembered

tbtui remembers per log directory, or set of them, what was changed while it ran: runs that are shown, filters, pins,
marks, smoothing, axes, y ranges, folded groups, size of charts, table and its form, goals of metrics, linked cursor,
side bar, theme, colours that were chosen, the dashboard, and which run had the cursor. It is there again at the next
start, and wins over environment and configuration file; the command line wins over it. What equals the configuration is
not kept, and so follows the configuration later.

It lies in `~/.local/state/tbtui/` (below `$XDG_STATE_HOME` where that is set), one small JSON file for each set of log
directories with their paths inside; `tbtui config LOGDIR...` names the file and shows what it holds. To forget, delete
it. Nothing is ever written into a log directory. The demo's temporary logs are not remembered.

- `--fresh` begins as if nothing were remembered. What is changed then is saved as ever, in the place of what was
  remembered; where nothing is changed, that stays.
- `remember = false` neither reads nor writes anything.
- A file is written a moment after the last change and at the end, whole or not at all. Of two tbtui on the same logs
  the last to write wins. Where nothing can be written, one sentence says so, and the app runs on.
"""


def _row(option: Option) -> str:
    flags = ", ".join(f"`{flag}`" for flag in option.flags)
    if option.kind == "switch" and option.flags:
        flags += f", `--no-{option.flags[-1][2:]}`"
    default = "" if option.default is None else f"`{shown(option.default)}`"
    cells = (f"`{option.key}`", option.words, default, option.help, flags, f"`{option.variable}`")
    return "| " + " | ".join(cells) + " |"


def document() -> str:
    """The whole of `docs/configuration.md`."""
    parts = [BEGIN]
    for section, (heading, place) in SECTIONS.items():
        rows = [_row(option) for option in OPTIONS if option.section == section and not option.flag_only]
        head = "| key | may be | default | what it is | command line | environment |\n|---|---|---|---|---|---|"
        parts.append("\n".join([f"## {heading}", "", place, "", head, *rows, ""]))
    parts.append(END)
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("configuration.md").write_text(document())
