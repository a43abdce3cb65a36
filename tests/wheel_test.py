"""The commands of docs/python.md that install the package, each in a clean environment."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from document import blocks
from program import ATLAS, ROOT

HAS_SETUP = (ROOT / ".venv/bin/auditwheel").is_file()
CACHE = pathlib.Path(ATLAS).resolve().parent / "CMakeCache.txt"
IS_RELEASE = CACHE.is_file() and "CMAKE_BUILD_TYPE:STRING=Release" in CACHE.read_text()

# Far from the sources, where only what was installed can be found.
CHECK = """
import numpy, atlas
g = atlas.build("check")
g.output(g.Relu(g.input("x", "f32[N]")) * 2, "y")
assert "site-packages" in atlas.__file__, atlas.__file__
assert "ocr" in atlas.recipes()
print(atlas.Session(g.graph).run(numpy.float32([-1, 3]))[0].tolist())
"""


@unittest.skipUnless(IS_RELEASE, "the build folder is not of preset release, whose objects the wheel takes from ccache")
@unittest.skipUnless(HAS_SETUP, ".venv lacks auditwheel: run tools/setup")
class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        subprocess.run([sys.executable, "-m", "venv", cls.folder / "venv"], check=True)
        cls.bin = cls.folder / "venv/bin"

    def run_in(self, folder, *command):
        """Runs a command with the clean environment's programs before the set-up's."""
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ATLAS_DATA")},
            "PATH": os.pathsep.join([str(self.bin), str(ROOT / ".venv/bin"), os.environ["PATH"]]),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if "NewConnectionError" in done.stderr + done.stdout:
            self.skipTest("PyPI is out of reach")
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-4000:])
        return done.stdout

    def test_the_commands_of_the_document(self):
        commands = [block.text for block in blocks("python.md") if block.language == "sh"]
        self.assertEqual(len(commands), 2)
        shutil.rmtree(ROOT / "out/wheel", ignore_errors=True)
        for text in commands:
            with self.subTest(text):
                self.run_in(ROOT, "bash", "-euc", text)
                self.assertEqual(self.run_in("/", self.bin / "python", "-c", CHECK), "[0.0, 6.0]\n")
                for command, known in ((("zoo", "list"), "blazeface"), (("machine", "list"), "h100")):
                    self.assertIn(known, self.run_in("/", self.bin / "atlas", *command))
        (wheel,) = (ROOT / "out/wheel/repaired").glob("*.whl")
        self.assertRegex(wheel.name, r"^atlas-[0-9.]+-cp310-abi3-manylinux_2_\d+_x86_64\.whl$")


if __name__ == "__main__":
    unittest.main()
