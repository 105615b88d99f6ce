"""Files whose events repeat step by step: their laps, against what is found without, and protobuf."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tbtui.events import decoder as decoder_module
from tbtui.events import laps
from tbtui.events.buffer import Buffer, Room
from tbtui.events.chunk import Chunk, Span
from tbtui.events.cycles import Cycle, learn
from tbtui.events.decoder import Decoder
from tbtui.events.lap_columns import decode_laps
from tbtui.events.laps import Laps
from tests.support.eventfiles import LAYOUTS, Reading, decode, expected, framed, scalar, scalar_value, scalars, version

LOSS, ACCURACY = "train/loss", "val/accuracy"


@dataclass
class Watch:
    """How many laps were decoded."""

    laps: list[int] = field(default_factory=list)

    def decode(self, some: Laps, *others: object) -> None:
        self.laps.append(len(some.starts))
        decode_laps(some, *others)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Laps are looked for in the smallest files."""
    watch = Watch()
    monkeypatch.setattr(laps, "_SMALL", 0)
    monkeypatch.setattr(laps, "_FEWEST", 3)
    monkeypatch.setattr(laps, "_SHORT", 100)
    monkeypatch.setattr(decoder_module, "decode_laps", watch.decode)
    return watch


class Plain(Decoder):
    """Decodes without looking for laps."""

    def __init__(self) -> None:
        super().__init__()
        self._cutter.cut = lambda *_: None  # type: ignore[method-assign]


def lap(step: int, tags: tuple[str, ...] = (LOSS, ACCURACY), layout: str = "tf1") -> bytes:
    """The events of one step."""
    return b"".join(scalar(tag, step, step / 7 + at, 1.5e9 + step / 3 + at, layout) for at, tag in enumerate(tags))


def run(first: int, last: int, *tags: str, layout: str = "tf1") -> bytes:
    """The events of many steps."""
    return b"".join(lap(step, tags or (LOSS, ACCURACY), layout) for step in range(first, last))


def check(*files: bytes) -> list[Reading]:
    """With laps the same is found as without, in file order."""
    found, wanted = decode(*files), decode(*files, decoder=Plain())
    for one, other in zip(found, wanted, strict=True):
        assert one.sorted_points() == other.sorted_points()
        assert (one.items, one.problems) == (other.items, other.problems)
        assert (one.consumed, one.waiting) == (other.consumed, other.waiting)
    return found


def filled(data: bytes) -> Buffer:
    buffer = Buffer(len(data))
    buffer.mem[:] = data
    return buffer


def learnt(data: bytes) -> Cycle | None:
    return learn(filled(data), 0, len(data))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_steps_of_a_run(layout: str, watch: Watch) -> None:
    """Steps of no byte, of one, of two: of a thousand steps not one is left out of the laps."""
    data = version() + run(0, 1000, layout=layout)
    reading = check(data)[0]
    assert watch.laps == [1000]
    assert reading.sorted_points() == expected(data)
    assert [item.kind for item in reading.items] == ["version"]


def test_cycle_begins_with_the_first_event_of_the_file() -> None:
    cycle = learnt(version() + run(0, 30, "a", "b", "c"))
    assert cycle is not None
    assert [event.layout.tags for event in cycle.events] == [("a",), ("b",), ("c",)]


def test_what_is_no_cycle() -> None:
    chance = random.Random(1)
    assert learnt(b"") is None
    assert learnt(version()) is None
    assert learnt(run(0, 1)) is None
    assert learnt(b"".join(scalar(chance.choice(("a", "bb", "ccc")), step, 0) for step in range(300))) is None
    assert learnt(run(0, 4, *(f"tag {number:03}" for number in range(65)))) is None  # too many
    assert learnt(framed(b"no event") * 50) is None


def test_tags_of_the_same_length() -> None:
    cycle = learnt(run(0, 20, "ab", "ac", "ad"))
    assert cycle is not None
    assert [event.layout.tags for event in cycle.events] == [("ab",), ("ac",), ("ad",)]


def test_a_tag_twice_in_a_step(watch: Watch) -> None:
    data = run(0, 50, "a", "b", "a")
    assert check(data)[0].sorted_points() == expected(data)
    assert watch.laps


def test_events_of_several_values(watch: Watch) -> None:
    values = [scalar_value("a", 1.5), scalar_value("b", 2.5, "tf2"), scalar_value("c", 3.5, "double")]
    data = b"".join(framed(scalars(step, 1e9 + step, values)) for step in range(200))
    assert check(data)[0].sorted_points() == expected(data)
    assert watch.laps == [200]


def test_events_of_a_lap_with_steps_of_their_own(watch: Watch) -> None:
    data = b"".join(scalar("a", 1000 + i, 1) + scalar("b", 2000 + 3 * i, 2) for i in range(100))
    assert check(data)[0].sorted_points() == expected(data)
    assert watch.laps


def test_many_files_alike_and_not(watch: Watch) -> None:
    files = [version() + run(0, 200), version() + run(0, 200), version() + run(0, 150), version() + run(3, 203)]
    readings = check(*files)
    assert [reading.sorted_points() for reading in readings] == [expected(data) for data in files]
    assert watch.laps == [750]


def test_files_of_different_cycles(watch: Watch) -> None:
    decoder = Decoder()
    files = [run(0, 300), run(0, 300, "x", "y/z")]
    for _ in range(2):
        readings = decode(*files, decoder=decoder)
    assert [reading.sorted_points() for reading in readings] == [expected(data) for data in files]
    assert sorted(watch.laps[-2:]) == [300, 300]


def test_other_events_between_laps(watch: Watch) -> None:
    steps = [scalar("epoch", step, 1.0) if step % 40 == 39 else lap(step) for step in range(400)]
    data = version() + b"".join(steps)
    assert check(data)[0].sorted_points() == expected(data)
    assert watch.laps
    assert watch.laps[0] > 300


def test_another_order_among_laps() -> None:
    """Tags of one length that change places: the headers are those of a lap."""
    data = run(0, 60, "ab", "ac") + lap(60, ("ac", "ab")) + run(61, 100, "ab", "ac")
    assert check(data)[0].sorted_points() == expected(data)


def test_wrong_checksum_in_a_lap(watch: Watch) -> None:
    data = bytearray(version() + run(0, 100))
    place = data.index(b"val/accuracy", len(data) // 2) + len(b"val/accuracy") + 2  # in a value
    data[place] ^= 1
    reading = check(bytes(data), bytes(data))[1]
    assert len(reading.problems) == 1
    assert watch.laps == [200]
    assert len(reading.points["val/accuracy"]) == 99


@pytest.mark.parametrize("end", range(1, 150, 7))
def test_torn_behind_laps(end: int) -> None:
    whole = version() + run(0, 80)
    check(whole[:-end])
    check(whole[:-end] + bytes(end))  # not written yet
    check(whole[:-end] + bytes(range(1, 1 + end)))
    check(whole + bytes(end))


def test_last_checksum_not_written_yet(watch: Watch) -> None:
    assert check((version() + run(0, 80))[:-4] + bytes(4))[0].waiting == "zeros"
    assert watch.laps


@pytest.mark.parametrize("seed", range(30))
def test_damage_anywhere(seed: int) -> None:
    chance = random.Random(seed)
    files = [bytearray(version() + run(0, 150, "a", "bc", "def")) for _ in range(3)]
    for data in files[:2]:
        for _ in range(chance.choice((1, 5))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    del files[2][500 : chance.choice((501, 600, 3000))]
    check(*map(bytes, files))


def test_a_file_of_events_inside_an_event() -> None:
    """What looks like laps inside a text is none."""
    inside = run(0, 100)
    text = framed(scalars(0, 1.0, [])[:9] + b"\x1a" + len(inside).to_bytes(2, "little") + inside)
    check(run(0, 40) + text + run(40, 50))


def test_gap_at_the_beginning() -> None:
    """In the middle of damage nothing is taken for granted."""
    data = b"\xff" * 40 + run(0, 60)
    chunks: list[Chunk] = []
    for decoder in Decoder(), Plain():
        decode(run(0, 60), decoder=decoder)
        chunks.append(decoder.decode(filled(data), [Span(0, len(data), 1000, 990)], [set()]))
    assert chunks[0].problems == chunks[1].problems
    assert chunks[0].consumed == chunks[1].consumed


def test_memory_is_given_back() -> None:
    decoder = Decoder()
    data = version() + run(0, 100)
    first = decode(data, decoder=decoder)
    decoder.release()
    assert decode(data, decoder=decoder) == first


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_file(choice: st.DataObject) -> None:
    """Cycles of any events, interrupted anywhere, cut anywhere."""
    tags = choice.draw(st.lists(st.sampled_from(["a", "b", "ab", "ba", "loss", "x" * 130]), min_size=1, max_size=5))
    layout = choice.draw(st.sampled_from(LAYOUTS))
    files = []
    for _ in range(choice.draw(st.integers(1, 3))):
        data = version() if choice.draw(st.booleans()) else b""
        for _ in range(choice.draw(st.integers(1, 4))):
            first = choice.draw(st.sampled_from([0, 1, 120, 127, 16380, 2**41, 2**42 - 3]))
            data += run(first, first + choice.draw(st.integers(1, 40)), *tags, layout=layout)
            data += scalar(choice.draw(st.sampled_from(tags)), 7, 7.0) if choice.draw(st.booleans()) else b""
        begin = choice.draw(st.sampled_from([0, 0, len(data) // 3]))
        files.append(data[: len(data) - choice.draw(st.sampled_from([0, 0, 1, 30]))][begin:])
    check(*files)


def test_form_fits_laps_and_nothing_else() -> None:
    """Wall time, step, value and checksum may be any; every other byte is compared."""
    data = run(128, 140, "loss")
    cycle = learnt(run(128, 200, "loss"))
    assert cycle is not None
    form = cycle.forms[3]
    rows = Room().rows(12, form.width)
    rows.data[:] = filled(data).spaced(0, form.length, 12, form.width)
    assert form.length == len(data) // 12
    assert form.fits(rows.words())
    free = {*range(13, 21), *(22, 23), *range(len(data) // 12 - 8, len(data) // 12)}
    for place in range(form.length):
        raw = rows.row(5)
        raw[place] ^= 0x10
        assert form.fits(rows.words()) == (place in free), place
        assert form.fitting(rows.words()).tolist() == [number != 5 or place in free for number in range(12)]
        raw[place] ^= 0x10
    rows.row(5)[22] ^= 0x80  # whether the step goes on
    assert not form.fits(rows.words())


def test_where_laps_begin_and_how_many_there_are() -> None:
    data = version() + run(0, 130, "loss")
    cycle, buffer = learnt(data), filled(data)
    assert cycle is not None
    begin = len(version())
    assert cycle.search(buffer, 0, len(data)) == (begin, cycle.forms[0])
    assert cycle.count(buffer, begin, len(data), cycle.forms[0]) == 1
    begin += cycle.forms[0].length
    assert cycle.begins(buffer, begin, len(data)) is cycle.forms[2]
    assert cycle.count(buffer, begin, len(data), cycle.forms[2]) == 127
    assert cycle.count(buffer, begin, len(data) - 200, cycle.forms[2]) == 123
    assert cycle.search(buffer, begin + 1, begin + 20) is None


def test_room_is_used_again() -> None:
    room = Room()
    first, second = room.rows(4, 16), room.rows(2, 16)
    first.data[:], second.data[:] = b"a" * 16, b"b" * 16
    assert (bytes(first.row(3)), bytes(second.row(0))) == (b"a" * 16, b"b" * 16)
    room.rows(100, 16)
    room.clear()
    assert np.shares_memory(room.rows(1, 8).data, room.rows(1, 8).data) is False
    room.clear()
    assert room.rows(100, 16).words().shape == (100, 2)
