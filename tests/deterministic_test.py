"""The same bits come out whatever the number of threads."""

import pathlib
import tempfile
import unittest

from program import atlas, fetched

MODELS = [
    ("ppocr-v4", "det_infer.onnx", ["x=1x3x160x224"]),
    ("ppocr-v4", "rec_infer.onnx", ["x=2x3x48x160"]),
    ("minilm-int8", "model.onnx", ["input_ids=2x17", "attention_mask=2x17", "token_type_ids=2x17"]),
    ("blazeface", "front_128x128_barracuda.onnx", []),
    ("magika", "model.onnx", []),
]


class Deterministic(unittest.TestCase):
    def test_threads_do_not_change_results(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, ending, shapes in MODELS:
                [model] = [path for path in fetched(name) if str(path).endswith(ending)]
                results = []
                for threads in (1, 2, 3, 5):
                    out = pathlib.Path(folder) / f"{name}-{ending}-{threads}"
                    sizes = [word for shape in shapes for word in ("--shape", shape)]
                    run = atlas("run", model, "--random", "3", *sizes, "--threads", threads, "--output", out)
                    self.assertEqual(run.code, 0, run.error)
                    results.append({path.name: path.read_bytes() for path in out.iterdir()})
                for other in results[1:]:
                    self.assertEqual(other.keys(), results[0].keys())
                    for key, content in other.items():
                        self.assertTrue(content == results[0][key], f"{ending}: {key}")


if __name__ == "__main__":
    unittest.main()
