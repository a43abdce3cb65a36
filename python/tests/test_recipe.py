"""Recipes from Python: one of one's own on a model in text form, and those of the zoo on real files."""

import json
import os
import pathlib
import subprocess
import wave

import numpy
import pytest

import atlas

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# The mean of each channel, as scores.
BRIGHTEST = """graph "brightest" {
  input x: f32[1,3,4,4]
  const axes = i64[2]{2, 3}
  scores: ? = ReduceMean(x, axes) {keepdims=0}
  output scores
}"""
RECIPE = """task: classify
about: Which colour a picture is brightest in
model: ./brightest.txt
labels: ./labels.txt
input:
  height: 4
  width: 4
"""


@pytest.fixture
def brightest(tmp_path):
    (tmp_path / "brightest.txt").write_text(BRIGHTEST)
    (tmp_path / "labels.txt").write_text("red\ngreen\nblue\n")
    (tmp_path / "brightest.yaml").write_text(RECIPE)
    return atlas.recipe(tmp_path / "brightest.yaml", threads=1)


def fetched(name):
    """Paths of a zoo entry's files; skips the test where they cannot be had."""
    program = os.environ.get("ATLAS")
    if program is None:
        pytest.skip("ATLAS does not name the program")
    run = subprocess.run([program, "zoo", "fetch", name], capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip(run.stderr.strip())
    return [pathlib.Path(line) for line in run.stdout.splitlines()]


def test_a_recipe_of_ones_own(brightest, tmp_path):
    green = numpy.zeros((8, 6, 3), numpy.uint8)
    green[..., 1] = 200
    assert (brightest.name, brightest.input_kind, brightest.fallbacks) == ("brightest", "image", [])
    atlas.write_image(tmp_path / "green.png", green)
    for picture in (green, tmp_path / "green.png", str(tmp_path / "green.png")):
        result = brightest(picture)
        assert result.label == "green"
        assert result.likeliest[0].label == "green" and result.answer.likeliest is result.likeliest
        assert result.to_dict()["likeliest"][0]["label"] == "green"
        assert "green" in str(result)
        assert list(result.stages_ms)
        assert result.picture().shape == green.shape
    assert repr(result) == "<atlas.Result label, probability, likeliest>"
    with pytest.raises(AttributeError):
        result.nonsense
    for value in (green[0], green.astype("f4"), 7):
        with pytest.raises(atlas.Error, match="recipe 'brightest'"):
            brightest(value)
    with pytest.raises(atlas.Error, match="none.png"):
        brightest(tmp_path / "none.png")


def test_unknown_recipes_are_named_and_known_ones_listed():
    assert {"ocr", "faces"} <= set(atlas.recipes())
    with pytest.raises(atlas.Error, match="recipe 'nonsense': expected one of .*ocr") as raised:
        atlas.recipe("nonsense")
    assert raised.value.code == "not found"


def test_models_that_are_not_fetched_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_ZOO", str(tmp_path))
    with pytest.raises(atlas.Error, match="atlas zoo fetch ppocr-v4"):
        atlas.recipe("ocr")


def test_reads_the_lines_of_a_photo(tmp_path):
    fetched("ppocr-v4")
    (photo,) = fetched("street-sign")
    golden = json.loads((ROOT / "tests/golden/ocr.json").read_text(encoding="utf-8"))
    result = atlas.recipe("ocr")(photo)
    assert [line.text for line in result.lines] == [line["text"] for line in golden]
    assert (result.picture() != atlas.read_image(photo)).any(), "lines should be drawn on it"


def test_tells_the_kind_of_bytes():
    fetched("magika")
    filetype = atlas.recipe("filetype")
    source = pathlib.Path(__file__)
    assert filetype(source.read_bytes()).to_dict() == filetype(source).to_dict()
    assert "python" in str(filetype(source))


def test_hears_samples():
    fetched("silero-vad")
    recording = next(path for path in fetched("speech") if path.suffix == ".wav")
    with wave.open(str(recording)) as file:
        frames, rate = file.readframes(file.getnframes()), file.getframerate()
    samples = numpy.frombuffer(frames, numpy.int16).astype(numpy.float32) / 32768
    vad = atlas.recipe("vad")
    expected = vad(recording).to_dict()
    assert expected["segments"]
    assert vad((samples, rate)).to_dict() == expected
    assert vad((numpy.stack([samples, samples]), rate)).to_dict() == expected
    for wrong, message in (
        ((samples, 0), "rate of 1 to"),
        ((samples, 16000.0), "whole number"),
        ((samples.reshape(1, 1, -1), rate), "f32\\[channels,frames\\]"),
        (samples, "path of a file or \\(samples, rate in Hz\\)"),
    ):
        with pytest.raises(atlas.Error, match=message):
            vad(wrong)


def test_reads_lines(tmp_path):
    fetched("minilm-int8")
    fetched("minilm-tokenizer")
    lines = ["A cat sleeps.", "It rains.", "The kitten is asleep."]
    (tmp_path / "lines.txt").write_text("\n".join(lines) + "\n")
    similar = atlas.recipe("similar")
    assert similar(lines).to_dict() == similar(tmp_path / "lines.txt").to_dict()
    with pytest.raises(atlas.Error, match="lines of text, got int"):
        similar(["a", 3])
