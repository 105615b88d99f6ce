"""From the command line to the screen: refuses where there is none, reads while the app is still being imported."""

from __future__ import annotations

import os
import traceback

from tbtui import graphics, terminal
from tbtui.analysis.text import safe
from tbtui.settings import Options
from tbtui.settings.files import state_folder
from tbtui.settings.state import Memory, real_paths, state_file


def launch(options: Options) -> int:
    """Open the app on `options.logdirs`. The exit code: 2 where the app cannot be shown here."""
    reason = terminal.refusal(os.environ)
    if reason is not None:
        terminal.print_error(reason)
        return 2
    terminal.prepare_environment(os.environ)
    if not terminal.shows_unicode(os.environ):
        options.ascii = True
    sentence, memory = "", remembering(options)
    more = graphics.question(os.environ) if options.images not in ("off", "blocks") else b""
    with (
        terminal.quiet_errors(options.log_file, options.verbose),
        terminal.BackgroundQuestion(more=more) as question,
    ):
        try:
            code, failure = _show(options, question, memory)
        except Exception:
            code, failure = 1, traceback.format_exc()
        if failure:
            sentence = terminal.error_sentence(failure, options.log_file)
    if sentence:
        terminal.print_error(sentence)
    for problem in memory.take_problems() if memory is not None else ():
        terminal.print_error(safe(f"{problem.file}: {problem.reason}"))
    return code


def remembering(options: Options) -> Memory | None:
    """Where the view of these log directories is remembered; None where the user wants none of it."""
    if not options.remember:
        return None
    from tbtui.logdir.roots import parse_roots

    paths = real_paths([root.path for root in parse_roots(options.logdirs)])
    folder = state_folder()
    path = state_file(folder, paths) if folder is not None else ""
    return Memory(path, paths, asked=options.asked, fresh=options.fresh)


def _show(options: Options, question: terminal.BackgroundQuestion, memory: Memory | None) -> tuple[int, str]:
    """Begin to read, import the app meanwhile, and show it. Its exit code, and the traceback of an error or ""."""
    from tbtui.store.opening import LogDir, open_logdir

    def open_() -> LogDir:
        return open_logdir(
            list(options.logdirs),
            follow=True,
            poll=options.poll,
            leave_out=away,
            longest_record=options.longest_record << 20,
        )

    away = memory.put_away() if memory is not None else frozenset()
    opened = open_()
    try:
        from tbtui.app import run_app

        if options.theme is None or question.more:
            question.listen()
        light = terminal.luminous(question.reply) if options.theme is None else None
        options.reply = question.reply
        question.close()
        return run_app(opened, options, open_, light, memory)
    finally:
        opened.close()
