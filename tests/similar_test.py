"""`atlas run similar` and `atlas run embed` on sentences, against ONNX Runtime with the tokenizers package."""

import json
import pathlib
import tempfile
import unittest

from program import ROOT, atlas, fetched

GOLDEN = json.loads((ROOT / "tests/golden/similar.json").read_text(encoding="utf-8"))
SENTENCES = GOLDEN["sentences"]
# 8-bit sums round elsewhere in the two programs.
BOUND = 0.01


class Similar(unittest.TestCase):
    def setUp(self):
        fetched("minilm-int8")
        fetched("minilm-tokenizer")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.text = pathlib.Path(folder.name) / "text.txt"
        self.report = pathlib.Path(folder.name) / "out.json"

    def ask(self, recipe, lines):
        self.text.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
        run = atlas("run", recipe, self.text, "--json", self.report)
        self.assertEqual(run.code, 0, run.error)
        [entry] = json.loads(self.report.read_text(encoding="utf-8"))["inputs"]
        return entry["texts"]

    def test_ranks_as_the_reference_does(self):
        texts = self.ask("similar", SENTENCES)
        self.assertEqual([text["text"] for text in texts], SENTENCES)
        for number, text in enumerate(texts):
            expected = {SENTENCES[i]: value for i, value in enumerate(GOLDEN["cosines"][number]) if i != number}
            ranked = sorted(expected, key=expected.get, reverse=True)
            self.assertEqual(len(text["similar"]), 3)
            for other, rank in zip(text["similar"], ranked):
                self.assertAlmostEqual(other["cosine"], expected[other["text"]], delta=BOUND)
                # The same order but for those that are as good as equal.
                self.assertAlmostEqual(expected[other["text"]], expected[rank], delta=BOUND)

    def test_finds_the_sentence_that_means_the_same(self):
        nearest = {text["text"]: text["similar"][0]["text"] for text in self.ask("similar", SENTENCES)}
        for first, second in ((3, 4), (5, 6), (7, 8), (9, 10), (12, 13), (14, 15)):
            self.assertEqual(nearest[SENTENCES[first]], SENTENCES[second])
            self.assertEqual(nearest[SENTENCES[second]], SENTENCES[first])

    def test_a_vector_depends_on_its_text_alone(self):
        alone = self.ask("embed", SENTENCES[:1])
        among = self.ask("embed", SENTENCES)
        self.assertEqual(alone[0]["vector"], among[0]["vector"])
        vector = alone[0]["vector"]
        self.assertAlmostEqual(sum(value * value for value in vector), 1, places=5)
        cosine = sum(a * b for a, b in zip(vector, GOLDEN["first_vector"]))
        self.assertGreater(cosine, 1 - BOUND)

    def test_says_what_it_expected(self):
        for content, message in ((b"\n \n", "expected a line or more"), (b"\xff\n", "expected text in UTF-8")):
            self.text.write_bytes(content)
            run = atlas("run", "embed", self.text)
            self.assertEqual(run.code, 2)
            self.assertIn(message, run.error)
        self.text.write_text("one line\n")
        run = atlas("run", "similar", self.text)
        self.assertEqual(run.code, 2)
        self.assertIn("expected two lines or more", run.error)


if __name__ == "__main__":
    unittest.main()
