"""Log lines that hold foreign strings and may be looked at in a terminal."""

from __future__ import annotations

import logging

from tbtui.analysis.text import safe

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class SafeFormatter(logging.Formatter):
    """Names from files stand in log lines: what a terminal would act upon is made visible."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(safe(line) for line in super().format(record).splitlines())
