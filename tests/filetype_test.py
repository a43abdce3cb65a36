"""`atlas run filetype` on files of this system, against what file(1) says of them."""

import collections
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from program import atlas, fetched

# MIME types of file(1) whose meaning is plain, and the labels that say the same. text/html is not: file(1) takes
# headers and manuals that mention a tag for it.
MEANING = {
    "application/gzip": {"gzip"},
    "application/java-archive": {"jar"},
    "application/json": {"json", "ipynb"},
    "application/pdf": {"pdf"},
    "application/vnd.sqlite3": {"sqlite"},
    "application/x-bytecode.python": {"pythonbytecode"},
    "application/x-bzip2": {"bzip"},
    "application/x-executable": {"elf"},
    "application/x-pie-executable": {"elf"},
    "application/x-sharedlib": {"elf"},
    "application/x-xz": {"xz"},
    "application/zip": {"zip", "npz", "jar"},
    "font/sfnt": {"ttf", "otf"},
    "image/gif": {"gif"},
    "image/jpeg": {"jpeg"},
    "image/png": {"png"},
    "image/svg+xml": {"svg"},
    "image/webp": {"webp"},
    "text/x-java": {"java"},
    "text/x-perl": {"perl"},
    "text/x-php": {"php"},
    "text/x-script.python": {"python"},
    "text/x-shellscript": {"shell"},
}
FOLDERS = ("/usr/bin", "/usr/lib", "/usr/share", "/usr/include", "/etc")
COUNT, MOST_OF_A_KIND, LEAST_EQUAL = 100, 15, 95


def said_by_file(paths):
    run = subprocess.run(
        ["file", "--brief", "--mime-type", "--files-from", "-"],
        input="\n".join(map(str, paths)) + "\n", capture_output=True, text=True, check=True,
    )
    return run.stdout.splitlines()


def some_files():
    """(path, MIME type) of files of many kinds, chosen by a digest of their names: the same on the same system."""
    found = []
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for path in (pathlib.Path(folder, name) for name in names):
                if "\n" not in str(path) and not path.is_symlink() and path.is_file() and os.access(path, os.R_OK):
                    if path.stat().st_size >= 64:
                        found.append(path)
    found.sort(key=lambda path: hashlib.sha256(str(path).encode(errors="replace")).digest())
    chosen, of_kind = [], collections.Counter()
    for start in range(0, len(found), 1000):
        part = found[start : start + 1000]
        for path, kind in zip(part, said_by_file(part)):
            if kind in MEANING and of_kind[kind] < MOST_OF_A_KIND and len(chosen) < COUNT:
                of_kind[kind] += 1
                chosen.append((path, kind))
        if len(chosen) == COUNT:
            break
    return chosen


class Filetype(unittest.TestCase):
    def test_says_what_file_says(self):
        fetched("magika")
        if not shutil.which("file"):
            self.skipTest("there is no file(1)")
        files = some_files()
        if len(files) < COUNT:
            self.skipTest(f"this system has {len(files)} files of kinds that are plain, of {COUNT}")
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "out.json"
            run = atlas("run", "filetype", *(path for path, _ in files), "--json", report)
            self.assertEqual(run.code, 0, run.error)
            entries = json.loads(report.read_text(encoding="utf-8"))["inputs"]
        others = [
            f"{path}: {kind}, but {entry['label']} ({entry['probability']:.2f})"
            for (path, kind), entry in zip(files, entries, strict=True)
            if entry["label"] not in MEANING[kind]
        ]
        self.assertGreater(len({kind for _, kind in files}), 8)
        self.assertGreaterEqual(COUNT - len(others), LEAST_EQUAL, "\n".join(others))

    def test_short_files_and_folders(self):
        fetched("magika")
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder)
            (here / "a").write_bytes(b"")
            (here / "b").write_bytes(b"hi\n")
            (here / "c").write_bytes(b"\xff\xfe\xfd")
            report = here / "report.json"
            run = atlas("run", "filetype", here, "--json", report)
            self.assertEqual(run.code, 0, run.error)
            labels = [entry["label"] for entry in json.loads(report.read_text())["inputs"]]
            self.assertEqual(labels, ["empty", "txt", "unknown"])
            refused = atlas("run", "filetype", here / "a", "--annotate", here / "out.png")
            self.assertEqual(refused.code, 2)
            self.assertIn("takes no pictures but bytes", refused.error)


if __name__ == "__main__":
    unittest.main()
