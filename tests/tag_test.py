"""Task `tag` of recipes, on a model made here that knows a few names."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from program import atlas

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
WORDS = {"[UNK]": "O", "[CLS]": "B-PER", "[SEP]": "B-LOC", "ada": "B-PER", "love": "I-PER", "##lace": "I-PER"}
WORDS |= {"lived": "O", "in": "O", "new": "B-LOC", "york": "I-LOC", "london": "B-LOC", ",": "O"}

TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {"id": i, "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, word in enumerate(["[UNK]", "[CLS]", "[SEP]"])
    ],
    "normalizer": {"type": "Lowercase"},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
    "decoder": None,
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {word: i for i, word in enumerate(WORDS)},
    },
}
RECIPE = "task: tag\nabout: Names\nmodel: names.onnx\ntokenizer: tokenizer.json\nlabels: labels.txt\n"


class Tag(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        table = np.full((len(WORDS), len(LABELS)), -4, np.float32)
        for i, label in enumerate(WORDS.values()):
            table[i, LABELS.index(label)] = 4
        graph = helper.make_graph(
            [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
            "names",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", len(LABELS)])],
            [numpy_helper.from_array(table, "table")],
        )
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), self.folder / "names.onnx")
        (self.folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
        (self.folder / "labels.txt").write_text("\n".join(LABELS) + "\n")

    def run_recipe(self, recipe, text, code=0):
        (self.folder / "recipe.yaml").write_text(recipe)
        (self.folder / "text.txt").write_text(text)
        report = self.folder / "out.json"
        run = atlas("run", self.folder / "recipe.yaml", self.folder / "text.txt", "--json", report)
        self.assertEqual(run.code, code, run.error)
        return run.error if code else json.loads(report.read_text())["inputs"][0]["texts"]

    def test_names_and_places(self):
        first, second = self.run_recipe(RECIPE, "  Ada Lovelace lived in London, New York\n\nlived in\n")
        self.assertEqual(first["text"], "Ada Lovelace lived in London, New York")
        found = [(span["label"], span["text"]) for span in first["spans"]]
        self.assertEqual(found, [("PER", "Ada Lovelace"), ("LOC", "London"), ("LOC", "New York")])
        for span in first["spans"]:
            self.assertEqual(first["text"][span["begin"] : span["end"]], span["text"])
            self.assertGreater(span["probability"], 0.99)
        self.assertEqual(second["spans"], [])

    def test_bounds(self):
        [line] = self.run_recipe(RECIPE + "threshold: 0.9999\n", "Ada lived in London")
        self.assertEqual(line["spans"], [])
        [line] = self.run_recipe(RECIPE + "most_tokens: 4\n", "Ada lived in London")
        self.assertEqual([span["text"] for span in line["spans"]], ["Ada"])
        (self.folder / "labels.txt").write_text("O\nPER\n")
        self.assertIn("expected logits f32[1,3,2], got f32[1,3,5]", self.run_recipe(RECIPE, "Ada", code=2))


if __name__ == "__main__":
    unittest.main()
