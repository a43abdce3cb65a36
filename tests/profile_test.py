"""`atlas profile` and its files: what is measured, and a page that a browser can show."""

import csv
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from program import atlas

MODEL = """graph "small" {
  input x: f32[64,256]
  const w = f32[256]{%s}
  a: ? = Mul "scale"(x, w)
  b: ? = Softmax "prob"(a)
  c: ? = Transpose "turn"(b) {perm=[1, 0]}
  y: ? = MatMul "product"(b, c)
  output y
}
""" % ",".join(["0.5"] * 256)

LOOP = """graph "loop" {
  input x: f32[1000]
  const n = i64[]{3}
  const c = bool[]{true}
  y: ? = Loop "again"(n, c, x) {body=graph "body" {
    input i: i64[]
    input more: bool[]
    input v: f32[1000]
    m: bool[] = Identity(more)
    w: f32[1000] = Add "inside"(v, v)
    output m
    output w
  }}
  output y
}
"""

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


class Profile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def profiled(self, text, *arguments):
        model = self.folder / "m.txt"
        model.write_text(text)
        files = {kind: self.folder / f"t.{kind}" for kind in ("json", "csv", "json.gz", "html")}
        run = atlas(
            *("profile", model, "--runs", 5, "--json", files["json"], "--csv", files["csv"]),
            *("--trace", files["json.gz"], "--report", files["html"], *arguments),
        )
        self.assertEqual(run.code, 0, run.error)
        return run, json.loads(files["json"].read_text()), files

    def test_a_run_is_measured_step_by_step(self):
        run, timeline, files = self.profiled(MODEL, "--threads", 2)
        events = {event["node"]: event for event in timeline["events"]}
        self.assertEqual(list(events), ["scale", "prob", "turn", "product"])
        # 64 x 64 sums of 256 products, and the bytes of the three matrices.
        self.assertEqual(events["product"]["operations"], 2 * 64 * 64 * 256)
        self.assertEqual(events["product"]["bytes"], 4 * (2 * 64 * 256 + 64 * 64))
        self.assertEqual(events["product"]["shape"], "f32[64,64]")
        self.assertEqual(timeline["source"], "measured")
        end = 0
        for event in timeline["events"]:
            self.assertGreaterEqual(event["start_us"], end - 1e-6)
            end = event["start_us"] + event["duration_us"]
        self.assertAlmostEqual(timeline["duration_us"], end, places=3)
        for span in timeline["threads"]:
            event = timeline["events"][span["event"]]
            self.assertGreaterEqual(span["start_us"], event["start_us"])
            self.assertLessEqual(span["start_us"] + span["duration_us"], event["start_us"] + event["duration_us"] + 1e-3)
        # All results but the last are alive somewhere in the middle, and lie in the arena.
        self.assertGreaterEqual(max(sample["arena_bytes"] for sample in timeline["memory"]), 2 * 4 * 64 * 256)
        self.assertGreater(timeline["roof"]["operations_per_s"]["f32"], 1e9)
        self.assertIn("5 runs with 2 threads", run.output)
        self.assertEqual(len(list(csv.DictReader(files["csv"].open()))), 4)
        trace = json.loads(gzip.decompress(files["json.gz"].read_bytes()))
        self.assertIn("product", [event.get("args", {}).get("node") for event in trace["traceEvents"]])

    def test_nested_steps_are_taken_off_the_step_that_holds_them(self):
        _, timeline, _ = self.profiled(LOOP)
        loop = timeline["events"][0]
        inside = timeline["events"][1:]
        self.assertEqual(loop["node"], "again")
        self.assertEqual([event["node"] for event in inside].count("inside"), 3)
        self.assertAlmostEqual(loop["nested_us"], sum(event["duration_us"] for event in inside), places=2)
        self.assertLessEqual(loop["nested_us"], loop["duration_us"])
        self.assertEqual(sum(event["operations"] for event in inside if event["node"] == "inside"), 3000)

    def test_a_machine_of_the_catalogue_is_the_roof(self):
        _, timeline, _ = self.profiled(MODEL, "--on", "t4")
        self.assertEqual(timeline["roof"]["source"], "t4")
        self.assertEqual(timeline["roof"]["bandwidth"][-1]["bytes_per_s"], 320e9)

    def test_predictions_have_the_same_files(self):
        model = self.folder / "m.txt"
        model.write_text(MODEL)
        report, trace = self.folder / "p.html", self.folder / "p.json"
        run = atlas("predict", model, "--on", "t4", "--report", report, "--trace", trace)
        self.assertEqual(run.code, 0, run.error)
        self.assertTrue('"machine": "t4"' in report.read_text())
        self.assertTrue(json.loads(trace.read_text())["traceEvents"])

    def test_what_cannot_be_asked(self):
        model = self.folder / "m.txt"
        model.write_text(MODEL)
        for arguments, message in (
            (("--on", "nowhere"), "nowhere"),
            (("--runs", "x"), "--runs"),
            (("--trace", self.folder / "no" / "t.json"), "No such file"),
        ):
            run = atlas("profile", model, "--runs", 1, *arguments) if "--runs" not in arguments else atlas("profile", model, *arguments)
            self.assertNotEqual(run.code, 0)
            self.assertIn(message, run.error)

    @unittest.skipUnless(BROWSER, "no Chromium to show a page in")
    def test_a_browser_shows_the_page(self):
        # A name that would end the script, were it not shown as what it is.
        _, _, files = self.profiled(MODEL.replace('"prob"', '"</script><b id=bad>"'), "--threads", 2)
        command = [
            *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"),
            *(f"--user-data-dir={self.folder}/browser", "--window-size=1200,1400", "--virtual-time-budget=3000"),
        ]
        page = f"file://{files['html']}"
        done = subprocess.run([*command, "--dump-dom", page], capture_output=True, text=True, timeout=120)
        self.assertIn("<title>small on ", done.stdout)
        self.assertEqual(len(re.findall(r"<tr [^>]*data-index=", done.stdout)), 4)
        self.assertIn("<circle ", done.stdout)
        self.assertNotIn("<b id=", done.stdout)
        self.assertNotIn("CONSOLE", done.stderr)  # no error of the script
        picture = self.folder / "page.png"
        subprocess.run([*command, f"--screenshot={picture}", page], capture_output=True, timeout=120)
        self.assertGreater(picture.stat().st_size, 20_000)  # an empty page takes 5,000


if __name__ == "__main__":
    unittest.main()
