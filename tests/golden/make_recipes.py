#!/usr/bin/env python3
"""Makes tests/golden/similar.json and tests/golden/vad.json again: what ONNX Runtime and the tokenizers package make of
the inputs of tests/similar_test.py and tests/vad_test.py.

    python3 -m venv golden-venv
    golden-venv/bin/pip install numpy==2.4.6 onnxruntime==1.32.0 tokenizers==0.23.3
    golden-venv/bin/python tests/golden/make_recipes.py

The environment variable ATLAS names the program that fetches the models (build/release/atlas)."""

import json
import pathlib
import sys
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import numpy as np
import onnxruntime
import tokenizers

from program import fetched

SENTENCES = """\
He was not an ill disposed young man
Unless to be rather cold hearted and rather selfish is to be ill disposed
He might even have been made amiable himself
Heavy rain is expected in the north tomorrow, with strong wind near the coast.
Tomorrow a storm will bring rain and gales to the northern shore.
The central bank raised interest rates by a quarter of a point.
Borrowing became more expensive after the bank's decision on rates.
My cat sleeps on the windowsill all afternoon.
A kitten is napping in the sun by the window.
How do I reset the password of my account?
I forgot my login credentials and cannot sign in.
The train to Hamburg leaves from platform nine.
Preheat the oven and bake the bread for forty minutes.
Knead the dough, let it rise, then bake it until it is brown.
This function returns the largest element of a list.
The method finds the maximum value in an array.
""".splitlines()


def make_similar():
    [tokenizer_path] = fetched("minilm-tokenizer")
    [model_path] = fetched("minilm-int8")
    tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer_path))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(model_path))
    vectors = []
    for sentence in SENTENCES:
        encoding = tokenizer.encode(sentence)
        feeds = {
            "input_ids": np.array([encoding.ids]),
            "attention_mask": np.array([encoding.attention_mask]),
            "token_type_ids": np.array([encoding.type_ids]),
        }
        [hidden] = session.run(None, feeds)
        vector = hidden[0].mean(axis=0, dtype=np.float64)
        vectors.append(vector / np.linalg.norm(vector))
    cosines = np.round(np.array(vectors) @ np.array(vectors).T, 6)
    document = {
        "sentences": SENTENCES,
        "cosines": cosines.tolist(),
        "first_vector": np.round(vectors[0], 6).tolist(),
    }
    write("similar.json", document)


def speech(probabilities, samples, rate=16000, threshold=0.5, release=0.35):
    """Silero's own steps in Python, with its own defaults."""
    least_speech, least_silence, padding, window = rate // 4, rate // 10, rate * 30 // 1000, 512
    found, current, quiet = [], None, 0
    for number, probability in enumerate(probabilities):
        at = number * window
        if probability >= threshold:
            quiet = 0
            if current is None:
                current = at
        elif current is not None and probability < release:
            quiet = quiet or at
            if at - quiet >= least_silence:
                if quiet - current > least_speech:
                    found.append([current, quiet])
                current, quiet = None, 0
    if current is not None and samples - current > least_speech:
        found.append([current, samples])
    for number, segment in enumerate(found):
        if number == 0:
            segment[0] = max(0, segment[0] - padding)
        if number + 1 == len(found):
            segment[1] = min(samples, segment[1] + padding)
            continue
        gap = found[number + 1][0] - segment[1]
        half = min(gap // 2, padding)
        segment[1] += half
        found[number + 1][0] -= half
    return [[begin / rate, end / rate] for begin, end in found]


def make_vad():
    [model_path] = fetched("silero-vad")
    session = onnxruntime.InferenceSession(str(model_path))
    document = {}
    for path in fetched("speech"):
        if path.suffix != ".wav":
            continue
        with wave.open(str(path)) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
        padded = np.concatenate([np.zeros(64, np.float32), samples, np.zeros(512, np.float32)])
        state, probabilities = np.zeros((2, 1, 128), np.float32), []
        for at in range(0, len(samples), 512):
            feeds = {"input": padded[None, at : at + 576], "state": state, "sr": np.array(16000)}
            output, state = session.run(None, feeds)
            probabilities.append(float(output[0, 0]))
        document[path.name] = speech(probabilities, len(samples))
    write("vad.json", document)


def write(name, document):
    text = json.dumps({"about": f"ONNX Runtime {onnxruntime.__version__}", **document}, indent=1)
    (ROOT / "tests/golden" / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_similar()
    make_vad()
