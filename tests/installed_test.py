"""An installed Atlas, as programs in C and C++ find it: headers, library, CMake package, pkg-config."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from document import blocks
from program import ATLAS, ROOT

BUILD = pathlib.Path(ATLAS).resolve().parent
SCALE = next(block.text for block in blocks("cpp.md") if block.file == "scale.txt")


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **options
    )
    return done.returncode, done.stdout, done.stderr


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "prefix"
        cls.model = cls.folder / "scale.txt"
        cls.model.write_text(SCALE)
        code, _, error = run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        if code != 0:
            raise AssertionError(error)

    def must(self, *command, **options):
        code, output, error = run(*command, **options)
        self.assertEqual(code, 0, output + error)
        return output

    def test_the_library_exports_the_declared_functions_and_no_more(self):
        header = (self.prefix / "include/atlas/atlas.h").read_text()
        declared = set(re.findall(r"^ATLAS_API .*?\b(atlas_\w+)\(", header, re.MULTILINE))
        listed = self.must("nm", "-D", "--defined-only", self.prefix / "lib/libatlas.so")
        exported = {line.split()[-1].split("@")[0] for line in listed.splitlines()} - {"ATLAS_1"}
        self.assertGreater(len(declared), 30)
        self.assertEqual(exported, declared)

    def test_the_header_is_plain_c(self):
        source = self.folder / "header.c"
        source.write_text("#include <atlas/atlas.h>\nint main(void) { return atlas_api_version() != 1; }\n")
        flags = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", f"-I{self.prefix}/include"]
        self.must("cc", "-std=c99", *flags, source)
        self.must("c++", "-std=c++98", "-x", "c++", *flags, "-Wno-long-long", source)

    def test_examples_build_and_run_out_of_tree(self):
        build = self.folder / "examples"
        self.must("cmake", "-S", ROOT / "examples", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.must("cmake", "--build", build)
        self.assertEqual(self.must(build / "run_model_c", self.model), "2\n")
        self.assertEqual(self.must(build / "run_model_cpp", self.model), "2\n4\n6\n8\n")
        saved = self.folder / "layer.onnx"
        output = self.must(build / "build_graph_cpp", saved)
        self.assertIn("{alpha=0.5}", output)
        self.assertTrue(output.endswith("2.5\n0\n"), output)
        self.assertIn("Gemm", self.must(self.prefix / "bin/atlas", "show", saved))
        for program in ("run_model_c", "run_model_cpp"):
            code, _, error = run(build / program, "/no/such/model.onnx")
            self.assertEqual(code, 1)
            self.assertIn("/no/such/model.onnx", error)

    def test_the_commands_of_the_document(self):
        folder = self.folder / "document"
        folder.mkdir()
        outputs = []
        for block in blocks("cpp.md"):
            if block.file:
                (folder / block.file).write_text(block.text)
            elif block.language == "sh" and "--install" not in block.text:
                outputs.append(self.must("bash", "-euc", block.text, cwd=folder, env=self.environment()))
        self.assertEqual(outputs[0], "6\n")
        self.assertTrue(outputs[1].endswith("6\n"), outputs[1])
        self.assertIn("not found: no-such-model.onnx", outputs[2])

    def environment(self):
        return {**os.environ, "PREFIX": str(self.prefix), "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}

    def test_the_installed_program_finds_its_data(self):
        environment = {name: value for name, value in os.environ.items() if name != "ATLAS_DATA"}
        for command, known in ((("zoo", "list"), "blazeface"), (("recipe", "list"), "ocr"), (("machine", "list"), "h100")):
            self.assertIn(known, self.must(self.prefix / "bin/atlas", *command, env=environment, cwd="/"))


if __name__ == "__main__":
    unittest.main()
