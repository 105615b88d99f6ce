"""Logs with images, sounds and texts as trainings write them, for the pictures: a generator of digits, a segmentation,
a vocoder, and the texts of a language model's trainer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tbtui.demo.digits import make_digits
from tbtui.demo.pictures import encode_png, enlarge_tiles, montage
from tests.support.blobs import image_record, sound_record, text_record, wav, write_run

STEPS = (0, 500, 1000, 2000, 4000, 8000)
SCENES = 4
"""Rows of the segmentation's grid."""

SIDE = 96
RATE = 22_050
CLASSES = np.array(((38, 40, 54), (86, 180, 233), (230, 159, 0), (0, 158, 115)), np.uint8)
"""Colours of the classes: ground, and three shapes."""

PROMPTS = ("The loss went down because", "Once the learning rate", "A good checkpoint is")
GUESSES = (
    "the the loss the the", "it was the loss that was", "the optimizer had found a valley",
    "the optimizer had found a wide valley, and stayed", "its gradients shrank as the schedule asked",
    "the schedule had cooled it down, and the noise of the gradients with it",
)  # fmt: skip


def make_media(directory: Path) -> None:
    """One run of each kind."""
    write_run(directory, *(image_record("samples", [digits(step)], step) for step in STEPS), run="gan")
    write_run(directory, *(image_record("val/grid", [scenes(step)], step) for step in STEPS), run="segmentation")
    about = ("", "What the vocoder makes of the spectrogram of speech/target")
    sounds = [sound_record("speech/target", [(wav(speech(STEPS[-1]), RATE), "")], 0)]
    sounds += [sound_record("speech/generated", [(wav(speech(step), RATE), "")], step, about) for step in STEPS]
    write_run(directory, *sounds, run="vocoder")
    arguments = "```json\n" + json.dumps(ARGUMENTS, indent=2) + "\n```"
    texts = [text_record("args/text_summary", [arguments], (1,), 0)]
    texts += [text_record("generated/text_summary", [answers(step)], (1,), step) for step in STEPS]
    write_run(directory, *texts, run="trainer")


ARGUMENTS = {
    "output_dir": "out/base", "learning_rate": 3e-4, "lr_scheduler_type": "cosine", "warmup_steps": 500,
    "per_device_train_batch_size": 16, "gradient_accumulation_steps": 4, "max_steps": STEPS[-1], "weight_decay": 0.1,
    "bf16": True, "gradient_checkpointing": False, "logging_steps": 10, "eval_strategy": "steps", "eval_steps": 500,
    "save_total_limit": 3, "seed": 42, "report_to": ["tensorboard"], "resume_from_checkpoint": None,
}  # fmt: skip


def sharpness(step: int) -> float:
    """How far a training has come, 0 to 1."""
    return STEPS.index(step) / (len(STEPS) - 1)


def digits(step: int) -> bytes:
    """A sheet of 8 x 8 samples that come out of the noise."""
    chance = np.random.default_rng(step)
    real = make_digits(64, chance).images
    learnt = sharpness(step) ** 0.5
    noise = chance.normal(0.45, 0.35, real.shape)
    light = np.clip(learnt * real + (1 - learnt) * noise, 0, 1)[..., None]
    ink, paper = chance.uniform(0.55, 1.0, (64, 1, 1, 3)), chance.uniform(0.0, 0.25, (64, 1, 1, 3))
    tiles = np.uint8(255 * (light * ink + (1 - light) * paper))
    return encode_png(montage(enlarge_tiles(tiles, 3), 8, 2))


def scenes(step: int) -> bytes:
    """Rows of image, mask and prediction; the prediction gets the borders right as it learns."""
    chance, tiles = np.random.default_rng(5), []
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    for scene in range(SCENES):
        mask, blurred = np.zeros((SIDE, SIDE), np.int64), np.zeros((SIDE, SIDE), np.int64)
        for number in (1, 2, 3):
            left, top, size = chance.uniform(0.2, 0.8), chance.uniform(0.2, 0.8), chance.uniform(0.12, 0.28)
            far = np.maximum(abs(x - left), abs(y - top)) if number == 2 else np.hypot(x - left, y - top)
            mask[far < size] = number
            wobble = 0.16 * np.sin(9 * x + 7 * scene) * np.cos(8 * y + number) * (1 - sharpness(step))
            blurred[far + wobble < size] = number
        shade = 0.65 + 0.35 * np.cos(6 * x + scene) * np.cos(5 * y)
        photo = np.clip(CLASSES[mask] * shade[..., None] * 0.8 + 30 + chance.normal(0, 14, (SIDE, SIDE, 3)), 0, 255)
        tiles += [np.uint8(photo), CLASSES[mask], CLASSES[blurred]]
    return encode_png(montage(np.array(tiles), 3, 3))


def speech(step: int) -> NDArray[np.float64]:
    """Two seconds of vowels with pauses, under less noise the more was learnt."""
    chance = np.random.default_rng(1)
    time = np.arange(2 * RATE) / RATE
    pitch = 120 + 25 * np.sin(2 * np.pi * 0.8 * time)
    turns = 2 * np.pi * np.cumsum(pitch) / RATE
    vowel = np.minimum((time * 4).astype(int), 7)
    low, high = (700, 300, 450, 350, 650, 300, 500, 700), (1200, 2300, 800, 2000, 1700, 900, 1500, 1100)
    formants = np.array((low, high)).T
    sound = np.zeros_like(time)
    for harmonic in range(1, 60):
        pitched = harmonic * pitch
        loud = sum(1 / (1 + ((pitched - formants[vowel, part]) / 130) ** 2) for part in (0, 1))
        sound += np.where(pitched < RATE / 2, loud, 0) * np.sin(harmonic * turns) / harmonic**0.4
    syllables = np.clip(1.3 * np.sin(np.pi * (time * 4 % 1)) ** 0.7 - 0.15, 0, 1) * (vowel != 4)
    learnt = sharpness(step)
    sound = 0.55 * sound / np.abs(sound).max() * syllables
    return np.asarray(sound + (1 - learnt) * 0.2 * chance.normal(0, 1, time.shape) * (0.3 + syllables))


def answers(step: int) -> str:
    """What a language model says, as its trainer logs it."""
    place = STEPS.index(step)
    lines = [f"### Step {step:,}", "", "| prompt | continuation | nats |", "|---|---|---:|"]
    for number, prompt in enumerate(PROMPTS):
        guess = GUESSES[max(0, place - number)]
        lines.append(f"| {prompt} | *{guess}* | {6.2 - place * 0.8 + number * 0.1:.2f} |")
    lines += ["", f"Perplexity **{np.exp(6.2 - place * 0.8):,.1f}** on 512 passages; greedy, `max_new_tokens=24`."]
    return "\n".join(lines)
