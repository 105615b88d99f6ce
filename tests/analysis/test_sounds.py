"""WAV files in all their forms as samples, and what is measured of them."""

from __future__ import annotations

import io
import math
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.sounds import BLOCK, BadSound, Sound, decibels, extents, measure, read_sound
from tbtui.analysis.spectra import frequency_axis, spectrogram
from tests.support.blobs import wav

amplitudes = st.floats(-1, 1, width=32)
signals = st.integers(1, 3).flatmap(
    lambda channels: st.lists(st.lists(amplitudes, min_size=channels, max_size=channels), min_size=1, max_size=50)
)
JUNK = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"


def tone(hertz: float, seconds: float = 1.0, rate: int = 8000, size: float = 0.5) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


@given(signals, st.sampled_from([8, 16, 24, 32]), st.booleans(), st.booleans(), st.sampled_from([b"", JUNK]))
def test_integers(values: list[list[float]], bits: int, extensible: bool, data_first: bool, before: bytes) -> None:
    sound = read_sound(wav(values, 44100, bits, extensible=extensible, data_first=data_first, before=before))
    assert (sound.rate, sound.channels, sound.frames, sound.missing) == (44100, len(values[0]), len(values), 0)
    assert sound.form == f"{bits} bit PCM"
    found = sound.part(0, sound.frames)
    np.testing.assert_allclose(found, np.array(values), atol=2.5 * 2.0 ** (1 - bits) + 1e-6)


@given(signals, st.sampled_from([32, 64]), st.booleans())
def test_floats(values: list[list[float]], bits: int, extensible: bool) -> None:
    sound = read_sound(wav(values, 22050, bits, floating=True, extensible=extensible))
    assert sound.form == f"{bits} bit float"
    assert (sound.part(0, sound.frames) == np.array(values, np.float32)).all()


@given(signals)
def test_as_the_standard_library_reads_it(values: list[list[float]]) -> None:
    data = wav(values, 16000, 16)
    with wave.open(io.BytesIO(data)) as theirs:
        raw = np.frombuffer(theirs.readframes(theirs.getnframes()), "<i2").reshape(-1, theirs.getnchannels())
        assert theirs.getframerate() == 16000
    assert (read_sound(data).part(0, 10**9) == raw / np.float32(32768)).all()


@given(st.integers(0, 200))
def test_a_cut_file_has_the_frames_that_are_there(cut: int) -> None:
    data = wav(np.zeros((40, 2)), bits=24)
    try:
        sound = read_sound(data[:cut])
    except BadSound:
        assert cut < 36
        return
    assert sound.frames == max(0, (cut - 44) // 6)
    assert sound.frames + sound.missing == 40 or sound.frames == 0


@given(st.binary(max_size=300), st.integers(0, 60))
def test_any_bytes(noise: bytes, at: int) -> None:
    """Noise over a good file is a sound, or no sound with a reason; it never fails otherwise."""
    good = wav(np.linspace(-1, 1, 64), bits=16)
    for data in (noise, good[:at] + noise + good[at + len(noise) :]):
        try:
            sound = read_sound(data)
        except BadSound:
            continue
        found = measure(sound)
        low, _ = extents(sound, found, 0, sound.frames, 7)
        assert low.shape == (7, sound.channels)
        assert np.isfinite(spectrogram(sound, 0, sound.frames, frequency_axis(sound, True), 5, 6)).all()


def test_other_encodings_are_named() -> None:
    for data, words in (
        (b"OggS" + bytes(2000), "Ogg sound, 2.00 kB: only WAV is drawn"),
        (b"ID3" + bytes(100), "MP3 sound"),
        (b"hello", "bytes of an unknown kind, 5 B"),
        (wav([0.0], kind=7), "WAV with µ-law"),
        (wav([0.0], kind=0x123), "WAV with format 0x0123"),
        (wav([0.0], bits=16, kind=3), "1 channels of 16 bits"),
        (b"RIFF\0\0\0\0WAVE", "does not say its format"),
    ):
        with pytest.raises(BadSound, match=words):
            read_sound(data)


def test_what_is_measured() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(-0.5, 0.5, (70_000, 2))
    values[100, 0], values[200, 1], values[300] = 1.0, -1.0, 0.999
    sound = read_sound(wav(values, bits=16))
    found = measure(sound)
    exact = sound.part(0, sound.frames)
    assert (found.peak, found.clipped, found.bad) == (1.0, 2, 0)
    assert found.rms == pytest.approx(math.sqrt((exact.astype(np.float64) ** 2).mean()))
    for start, stop, columns in ((0, 70_000, 10), (1000, 1500, 100), (5, 6, 30), (0, 70_000, 50_000)):
        low, high = extents(sound, found, start, stop, columns)
        assert low.shape == high.shape == (columns, 2)
        edges = np.linspace(start, stop, columns + 1)
        for column in range(0, columns, max(1, columns // 9)):
            first, end = int(edges[column]), max(int(edges[column + 1]), int(edges[column]) + 1)
            part = exact[first:end]
            assert (low[column] <= part.min(axis=0)).all()
            assert (high[column] >= part.max(axis=0)).all()
            around = exact[max(0, first - BLOCK) : end + BLOCK]
            assert (low[column] >= around.min(axis=0)).all()


def test_no_numbers_among_floats() -> None:
    values = np.array([0.25, math.nan, math.inf, -2.0, 1e30])
    found = measure(read_sound(wav(values, bits=32, floating=True)))
    assert (found.bad, found.clipped, found.peak) == (2, 2, pytest.approx(1e30))
    assert np.isfinite(found.low).all()


def test_an_empty_sound() -> None:
    sound = read_sound(wav(np.zeros((0, 1))))
    found = measure(sound)
    assert (sound.frames, sound.seconds, found.peak, found.rms) == (0, 0.0, 0.0, 0.0)
    assert extents(sound, found, 0, 0, 5)[0].shape == (5, 1)
    assert not spectrogram(sound, 0, 0, frequency_axis(sound, False), 4, 4).any()


def test_a_rate_of_nothing() -> None:
    sound = read_sound(wav([0.5, 0.1], rate=0))
    assert sound.seconds == 0.0
    assert np.isfinite(spectrogram(sound, 0, 2, frequency_axis(sound, True), 4, 4)).all()


@pytest.mark.parametrize("hertz", [500, 1000, 3000])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_tone_is_loudest_at_its_frequency(hertz: int, logarithmic: bool) -> None:
    sound = read_sound(wav(tone(hertz)))
    axis = frequency_axis(sound, logarithmic)
    shown = spectrogram(sound, 0, sound.frames, axis, 40, 30)
    assert shown.shape == (40, 30)
    loudest = shown[:, 5:25].mean(axis=1).argmax()
    edges = axis.value(np.linspace(1, 0, 41))
    assert edges[loudest + 1] - 40 <= hertz <= edges[loudest] + 40
    assert shown.max() == 1.0


def test_time_runs_to_the_right() -> None:
    sound = read_sound(wav(np.concatenate((tone(500, 0.5), tone(3000, 0.5)))))
    shown = spectrogram(sound, 0, sound.frames, Axis(0.0, 4000.0), 8, 10)
    assert shown[:, 2].argmax() == 6  # 500 Hz
    assert shown[:, 7].argmax() == 1 or shown[:, 7].argmax() == 2  # 3000 Hz


def test_a_long_sound_costs_no_more_than_its_bytes() -> None:
    import tracemalloc

    data = wav(np.zeros(2_000_000), bits=16)
    tracemalloc.start()
    measure(read_sound(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_decibels() -> None:
    assert [decibels(size) for size in (1.0, 0.5, 0.0, math.nan)] == ["0.0 dB", "-6.0 dB", "-∞ dB", "? dB"]


def test_parts_beyond_the_end() -> None:
    sound: Sound = read_sound(wav([0.1, 0.2]))
    assert [len(sound.part(*ends)) for ends in ((-5, 1), (1, 99), (5, 9), (2, 1))] == [1, 1, 0, 0]
