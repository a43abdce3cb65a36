"""The backend suite of ONNX, and the report of it in docs/conformance.md."""

import importlib.util
import json
import pathlib
import re
import tempfile
import unittest

from program import ROOT, atlas


def suite():
    """The folder of cases in the installed onnx package, or Debian's libonnx-testdata, or None."""
    found = importlib.util.find_spec("onnx")
    places = [pathlib.Path(found.origin).parent / "backend/test/data"] if found else []
    places.append(pathlib.Path("/usr/share/libonnx-testdata/data"))
    return next((place for place in places if place.is_dir()), None)


@unittest.skipIf(suite() is None, "neither PyPI's onnx nor Debian's libonnx-testdata is installed")
class Conformance(unittest.TestCase):
    def same_on(self, isa):
        """The same cases pass with the kernels of another instruction set."""
        run = atlas("conformance", suite(), env={"ATLAS_ISA": isa}, timeout=1200)
        if "expected one that this processor has" in run.output + run.error:
            self.skipTest(f"this processor has no {isa}")
        self.assertIn(run.code, (0, 1), run.error)
        listed = set(re.findall(r"^- `([^`]+)`: ", (ROOT / "docs/conformance.md").read_text(), re.MULTILINE))
        self.assertEqual(set(re.findall(r"^FAILED ([^:]+): ", run.output, re.MULTILINE)) - listed, set(), run.output)

    def test_generic_kernels(self):
        self.same_on("generic")

    def test_avx2_kernels(self):
        self.same_on("avx2")

    def test_avx512_kernels(self):
        self.same_on("avx512")

    def test_avx512_vnni_kernels(self):
        self.same_on("avx512_vnni")

    def test_amx_kernels(self):
        self.same_on("amx")

    def test_avx512_bf16_kernels(self):
        self.same_on("avx512_bf16")

    def test_fails_nothing_that_the_report_does_not_list(self):
        report = (ROOT / "docs/conformance.md").read_text()
        listed = set(re.findall(r"^- `([^`]+)`: ", report, re.MULTILINE))
        with tempfile.TemporaryDirectory() as folder:
            verdicts = pathlib.Path(folder) / "verdicts.json"
            run = atlas("conformance", suite(), "--json", verdicts, timeout=1200)
            self.assertIn(run.code, (0, 1), run.error)
            cases = json.loads(verdicts.read_text())["cases"]
        failed = {f"{case['folder']}/{case['name']}": case["reason"] for case in cases if case["status"] == "failed"}
        self.assertGreaterEqual(len(cases), 1072)
        self.assertEqual({name: why for name, why in failed.items() if name not in listed}, {})
        if len(cases) == 1914:
            self.assertEqual(listed - set(failed), set(), "pass now: make docs/conformance.md again")


if __name__ == "__main__":
    unittest.main()
