"""`atlas run` on real models and real inputs, against what ONNX Runtime makes of them (tools/make_golden)."""

import unittest

from program import fetched
from real_models import MODELS, atlas_runner, largest_errors, read_golden, run_steps


class RealModels(unittest.TestCase):
    def check(self, model):
        golden = read_golden(model)
        files = fetched(model.entry)
        [path] = [path for path in files if path.name == model.file]
        outputs = run_steps(model, golden.inputs, atlas_runner(path, list(golden.outputs)))
        for name, error in largest_errors(model, golden, outputs).items():
            self.assertLessEqual(error, model.bound, f"{model.name}, output {name}")
        self.assertEqual(model.answer(outputs, files), golden.answer)


def test_of(model):
    return lambda self: self.check(model)


for each in MODELS:
    setattr(RealModels, f"test_{each.name.replace('-', '_')}", test_of(each))


if __name__ == "__main__":
    unittest.main()
