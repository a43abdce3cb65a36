"""`atlas run vad` on read speech, against ONNX Runtime with Silero's own steps, the words of the transcript, and how
loud the sound is."""

import array
import json
import pathlib
import tempfile
import unittest
import wave

from program import ROOT, atlas, fetched

WORDS = json.loads((ROOT / "tests/golden/word_times.json").read_text(encoding="utf-8"))
GOLDEN = json.loads((ROOT / "tests/golden/vad.json").read_text(encoding="utf-8"))


def samples_of(path):
    with wave.open(str(path)) as sound:
        return array.array("h", sound.readframes(sound.getnframes()))


def write_wav(path, samples, rate=16000, channels=1):
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())


class Vad(unittest.TestCase):
    def setUp(self):
        fetched("silero-vad")
        self.sounds = [path for path in fetched("speech") if path.suffix == ".wav"]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def segments(self, *paths):
        report = self.folder / "out.json"
        run = atlas("run", "vad", *paths, "--json", report)
        self.assertEqual(run.code, 0, run.error)
        inputs = json.loads(report.read_text(encoding="utf-8"))["inputs"]
        return [[(part["start"], part["end"]) for part in entry["segments"]] for entry in inputs]

    def test_finds_what_the_reference_finds(self):
        for path, found in zip(self.sounds, self.segments(*self.sounds)):
            expected = GOLDEN[path.name]
            self.assertEqual(len(found), len(expected), path.name)
            for ours, theirs in zip(found, expected):
                for a, b in zip(ours, theirs):
                    self.assertAlmostEqual(a, b, places=6)

    def test_finds_the_words_of_the_transcript(self):
        for path, found in zip(self.sounds, self.segments(*self.sounds)):
            words = [(start, end) for _, start, end in WORDS[path.name]]
            for start, end in words:
                self.assertTrue(any(a <= (start + end) / 2 < b for a, b in found), f"{path.name}: {start} s")
            shared = sum(max(0, min(end, b) - max(start, a)) for start, end in words for a, b in found)
            self.assertGreater(shared / sum(end - start for start, end in words), 0.96, path.name)
            self.assertGreater(shared / sum(b - a for a, b in found), 0.92, path.name)
            self.assertAlmostEqual(found[0][0], words[0][0], delta=0.1)
            self.assertAlmostEqual(found[-1][1], words[-1][1], delta=0.25)

    def test_finds_what_is_loud(self):
        for path, found in zip(self.sounds, self.segments(*self.sounds)):
            samples = samples_of(path)
            window = 320  # 20 ms
            power = [
                sum(value * value for value in samples[i : i + window]) for i in range(0, len(samples) - window, window)
            ]
            loud = max(power) / 100  # 20 dB
            centers = [(i + 0.5) * window / 16000 for i in range(len(power))]
            inside = [any(start <= at < end for start, end in found) for at in centers]
            spoken = [within for value, within in zip(power, inside) if value >= loud]
            self.assertGreater(sum(spoken) / len(spoken), 0.98, path.name)
            speech = [value for value, within in zip(power, inside) if within]
            pauses = [value for value, within in zip(power, inside) if not within]
            self.assertGreater(sum(speech) / len(speech), 10 * sum(pauses) / len(pauses), path.name)

    def test_speech_after_silence_is_where_it_is(self):
        [path] = [path for path in self.sounds if path.name.endswith("0880.wav")]
        speech = samples_of(path)
        pause = array.array("h", bytes(2 * 3 * 16000))
        write_wav(self.folder / "twice.wav", pause + speech + pause + speech)
        [found] = self.segments(self.folder / "twice.wav")
        length = len(speech) / 16000
        [once] = [GOLDEN[path.name]]
        self.assertEqual(len(found), 2 * len(once))
        self.assertAlmostEqual(found[0][0], 3 + once[0][0], delta=0.1)
        self.assertAlmostEqual(found[1][0], 6 + length + once[0][0], delta=0.1)
        write_wav(self.folder / "silence.wav", pause)
        self.assertEqual(self.segments(self.folder / "silence.wav"), [[]])

    def test_takes_other_rates_and_channels(self):
        [path] = [path for path in self.sounds if path.name.endswith("0880.wav")]
        speech = samples_of(path)
        doubled = array.array("h", (value for value in speech for _ in range(4)))  # 32 kHz, two channels
        write_wav(self.folder / "stereo.wav", doubled, rate=32000, channels=2)
        [found] = self.segments(self.folder / "stereo.wav")
        self.assertEqual(len(found), len(GOLDEN[path.name]))
        for ours, theirs in zip(found, GOLDEN[path.name]):
            for a, b in zip(ours, theirs):
                self.assertAlmostEqual(a, b, delta=0.1)

    def test_refuses_what_is_no_sound(self):
        (self.folder / "a.wav").write_bytes(b"RIFF\x10\0\0\0WAVEjunk")
        run = atlas("run", "vad", self.folder / "a.wav")
        self.assertEqual(run.code, 2)
        self.assertIn("a.wav: expected a sound, got damaged bytes", run.error)


if __name__ == "__main__":
    unittest.main()
