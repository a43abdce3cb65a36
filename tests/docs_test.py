"""Runs the commands in README.md and docs/, block by block, each document in a folder with the files that they name."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy as np

from program import ATLAS, ROOT, atlas, fetched

LIMIT_S = 300

# Commands that are not run here: where they are run instead, or why they are not.
ELSEWHERE = {
    "make": "the front of what CI runs",
    "tools/setup": "the first step of what CI runs",
    "cmake --preset": "the same",
    "tools/fuzz": "takes minutes; what it found is run by fuzz_test",
    "bench/": "takes minutes to an hour, and packages that only it needs",
    "PYTHONPATH=build/release/python .venv/bin/python bench/": "the same",
    "python3 -m venv": "3 GB of packages; the table that it makes is checked by compatibility_test",
    "FOLDER/bin/python": "the same",
    "atlas zoo fetch  ": "all files of the zoo, which the other tests fetch one by one",
}

# An image classifier small enough for every command.
MODEL = """graph "model" {
  meta "producer" = "docs_test"
  input image: f32[1,3,224,224]
  const w = f32[4,3,1,1]{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1}
  const m = f32[4,2]{1, 2, 3, 4, 5, 6, 7, 8}
  c: ? = Conv "conv1"(image, w)
  p: ? = GlobalAveragePool(c)
  f: ? = Flatten(p)
  scores: ? = MatMul(f, m)
  output scores
}
"""
# Of a small Llama, as Hugging Face writes it.
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "max_position_embeddings": 8192,
    "num_attention_heads": 32,
    "num_hidden_layers": 16,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
}
OPERATORS = "m,n,k,dtype\n1024,1024,1024,f16\n64,4096,4096,f16\n"


def commands_of(document):
    """The shell blocks of a document: those without a language whose lines are commands we know."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for block in re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if re.match(r"(\$ )?(atlas|echo|cat|make|tools/|bench/|python3) ?", block):
            yield block


def is_elsewhere(line):
    words = f"{re.split(r'  +#| # ', line)[0].strip()}  "
    is_form = "[--" in words or "MODEL ..." in words  # what a command takes, not a command
    return is_form or any(words.startswith(start) for start in ELSEWHERE)


class Docs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "atlas").symlink_to(ATLAS)
        (self.folder / ".venv").symlink_to(ROOT / ".venv")
        self.path = f"{bin_folder}:{os.environ['PATH']}"

    def make_files(self):
        """Everything that documents name."""
        at = self.folder
        [photo] = fetched("street-sign")
        for name in ("photo.jpg", "more.jpg", "photos/one.jpg"):
            (at / name).parent.mkdir(exist_ok=True)
            shutil.copy(photo, at / name)
        speech = [path for path in fetched("speech") if path.suffix == ".wav"]
        (at / "recordings").mkdir()
        shutil.copy(speech[0], at / "speech.wav")
        shutil.copy(speech[1], at / "recordings")
        (at / "model.txt").write_text(MODEL)
        self.assertEqual(atlas("convert", at / "model.txt", at / "model.onnx").code, 0)
        for name in ("before.onnx", "after.onnx", "model-f16.onnx"):
            shutil.copy(at / "model.onnx", at / name)
        for name in ("before.json", "after.json"):
            self.assertEqual(atlas("profile", at / "model.onnx", "--json", at / name).code, 0)
        self.assertEqual(atlas("compare", at / "model.onnx", "--save-layers", at / "other.npz").code, 0)
        (at / "config.json").write_text(json.dumps(CONFIG))
        np.save(at / "photo.npy", np.zeros((1, 3, 224, 224), np.float32))
        (at / "labels.txt").write_text("signs\nno signs\n")  # the recipe that is proposed wants one
        (at / "lines.txt").write_text("A cat sleeps.\nA dog barks.\nThe kitten is asleep.\n")
        shutil.copy(fetched("minilm-tokenizer")[0], at / "tokenizer.json")
        shutil.copy(next((ROOT / "atlas/pipeline/testdata/text").glob("*.model")), at / "tokenizer.model")
        (at / "operators.csv").write_text(OPERATORS)
        measured = ["m,n,k,dtype,device,latency_us"]
        measured += [f"{m},{n},4096,f16,t4,{m * n / 5e3 + 20:.1f}" for m in (64, 512, 2048) for n in (512, 4096)]
        (at / "measurements.csv").write_text("\n".join(measured) + "\n")
        chip = re.search(r"^```yaml\n(.*?)^```$", (ROOT / "docs/machines.md").read_text(), re.MULTILINE | re.DOTALL)[1]
        (at / "my-chip.yaml").write_text(chip)
        (at / "wrong.yaml").write_text(chip.replace("100 GB/s", "0 GB/s"))
        for name in ("ppocr-v4", "efficientnet-lite0", "label-lists", "silero-vad", "minilm-int8"):
            fetched(name)

    def shell(self, script, folder):
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            cwd=folder,
            env={**os.environ, "PATH": self.path},
            stdin=subprocess.DEVNULL,
        )

    def test_commands_run(self):
        self.make_files()
        documents = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
        count = 0
        for document in documents:
            folder = self.folder.with_name(self.folder.name + "-" + document.replace("/", "-"))
            shutil.copytree(self.folder, folder, symlinks=True)
            self.addCleanup(shutil.rmtree, folder)
            for block in commands_of(document):
                if block.startswith("$ "):
                    command, _, output = block.removeprefix("$ ").partition("\n")
                    run = self.shell(command, folder)
                    self.assertEqual(run.stdout + run.stderr, output, f"{document}: {command}")
                    count += 1
                    continue
                script = "\n".join(line for line in block.splitlines() if not is_elsewhere(line))
                with self.subTest(document=document, script=script):
                    run = self.shell(script, folder)
                    self.assertEqual(run.returncode, 0, run.stderr[-500:])
                count += len(re.findall(r"^(?:echo .*\| )?atlas ", script, re.MULTILINE))
        self.assertGreater(count, 40)


if __name__ == "__main__":
    unittest.main()
