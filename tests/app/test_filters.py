"""Filters: live while they are typed, and always said while they hide something."""

from __future__ import annotations

from textual import events

from tests.support.app import shown


async def test_a_run_filter_is_live_and_says_its_count() -> None:
    async with shown() as screen:
        await screen.press("f")
        assert "runs:" in screen.lines[-1]
        assert screen.lines[-1].endswith("5 of 5")
        await screen.press("3")
        assert screen.lines[-1].endswith("1 of 5")
        assert [run.name for run in screen.session.visible_runs()] == ["run_3"]
        await screen.press("backspace")
        assert len(screen.session.visible_runs()) == 5


async def test_enter_keeps_and_the_status_line_says_so() -> None:
    async with shown() as screen:
        await screen.press("f", "3", "enter")
        assert "runs 3 1/5" in screen.lines[-1]
        assert "Runs 1/5 f 3" in screen.text


async def test_escape_clears_and_then_leaves() -> None:
    async with shown() as screen:
        await screen.press("f", "3", "escape")
        assert screen.view.run_filter == ""
        assert "runs:" in screen.lines[-1]
        await screen.press("escape")
        assert "runs:" not in screen.lines[-1]
        assert "help" in screen.lines[-1]


async def test_a_tag_filter_counts_tags() -> None:
    async with shown() as screen:
        await screen.press("/", *"train")
        assert screen.lines[-1].endswith("2 of 3")
        assert "lr" not in [line.strip() for line in screen.lines]
        await screen.press("enter")
        assert "tags train" in screen.lines[-1]


async def test_the_filter_is_still_there_when_opened_again() -> None:
    async with shown() as screen:
        await screen.press("/", *"loss", "enter", "/")
        assert "loss" in screen.lines[-1]
        await screen.press("escape", "escape")
        assert screen.view.tag_filter == ""


async def test_keys_are_text_while_typing() -> None:
    async with shown() as screen:
        await screen.press("f", *"qaos?!1T", "space", "r")
        assert screen.view.run_filter == "qaos?!1T r"
        assert screen.view.hidden == set()
        assert screen.app.is_running


async def test_a_faulty_pattern_says_what_is_wrong() -> None:
    async with shown() as screen:
        await screen.press("f", *"/(/")
        assert "not a regular expression" in screen.text


async def test_no_match_says_so() -> None:
    async with shown() as screen:
        await screen.press("f", *"zzz", "enter")
        assert "no run matches" in screen.text
        assert "runs zzz 0/5" in screen.lines[-1]


async def test_narrow_windows_still_say_the_filter() -> None:
    async with shown(size=(45, 40)) as screen:
        await screen.press("f", "3", "enter")
        assert "runs 3 1/5" in screen.lines[-1]


async def test_text_that_was_typed_ahead_is_not_lost() -> None:
    async with shown() as screen:
        for key in "fab":
            screen.app._driver.send_message(events.Key(key, key))
        await screen.pilot.pause()
        await screen.pilot.pause()
        assert screen.view.run_filter == "ab"


async def test_pasted_control_characters_are_not_kept() -> None:
    async with shown() as screen:
        await screen.press("f")
        screen.app.focused.post_message(events.Paste("a\x1b[31mb\x07"))
        await screen.pilot.pause()
        assert "\x1b" not in screen.view.run_filter
        assert "\x1b[31m" not in screen.text


async def test_the_command_line_limits_runs_and_tags() -> None:
    async with shown(run="run_[01]", tag="train") as screen:
        assert [run.name for run in screen.session.runs()] == ["run_0", "run_1"]
        assert not screen.session.tag_matches("lr")
