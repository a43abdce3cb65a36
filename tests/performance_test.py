"""What bench/compare times, and when it does not; its rivals are packages that tests do not have."""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import types
import unittest

import numpy as np

from program import ROOT

sys.path.insert(0, str(ROOT / "bench/comparison"))

import answers
import chart
import measure
import page
import results
from engine_process import EngineProcess, Refused

# An engine whose threads never rest, and that does what its setting says.
ENGINE = """
import os, threading

def spin():
    while True:
        pass

class Engine:
    def __init__(self, model, inputs, threads, setting):
        self.setting = setting
        if setting.get("load") == "fails":
            raise ValueError("no such operator")
        threading.Thread(target=spin, daemon=True).start()
        self.set_inputs(inputs)

    def set_inputs(self, inputs):
        self.x = inputs["x"]

    def run(self):
        if self.setting.get("run") == "ends":
            os._exit(3)
        return [self.x * 2]
"""


def figures(ms, ratio=None):
    made = {"median_ms": ms, "p90_ms": ms, "load_ms": 10, "peak_bytes": 5e6, "others": 0.01}
    return made if ratio is None else made | {"ratio": ratio}


def row(name, **engines):
    return {"name": name, "threads": 1, "precision": "fp32", "operations": 2e9, "refused": {}, "engines": engines}


class Answers(unittest.TestCase):
    def test_differences_are_parts_of_the_largest_value(self):
        self.assertAlmostEqual(answers.difference([np.array([1.0, 98.0])], [np.array([2.0, -100.0])]), 1.98)
        self.assertEqual(answers.difference([np.ones((3, 1))], [np.ones((1, 3))]), 0)

    def test_sizes_numbers_of_outputs_and_what_is_not_finite_count_as_different(self):
        for got, expected in [
            ([np.ones(2)], [np.ones(3)]),
            ([np.ones((2, 3))], [np.ones((3, 2))]),
            ([np.ones(2)], [np.ones(2), np.ones(2)]),
            ([np.array([math.nan])], [np.array([1.0])]),
            ([np.array([math.nan])], [np.array([math.nan])]),
        ]:
            self.assertEqual(answers.difference(got, expected), math.inf, (got, expected))


class Processes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "busy_engine.py").write_text(ENGINE)
        for i in range(2):
            np.savez(self.folder / f"{i}.npz", x=np.full(3, i + 1.0))
        self.log = open(self.folder / "log", "w")
        self.addCleanup(self.log.close)

    def task(self, setting):
        return {"model": "", "inputs": [str(self.folder / f"{i}.npz") for i in range(2)], "threads": 1, "cpus": [min(os.sched_getaffinity(0))],
                "answers": str(self.folder / "answers"), "setting": setting}

    def process(self, **setting):
        made = EngineProcess("busy", self.task(setting), self.log, 60, path=str(self.folder))
        self.addCleanup(made.end)
        return made

    def test_who_has_no_turn_takes_no_time(self):
        process = self.process()
        process.ask(do="time", seconds=0.05, least=2)
        state, before = process.ticks()
        time.sleep(0.3)
        self.assertEqual(process.ticks(), (state, before))
        self.assertEqual(state, "T")

    def test_it_ends_with_who_started_it(self):
        script = (
            "import os, sys; sys.path.insert(0, sys.argv[1]); from engine_process import EngineProcess; import json\n"
            "made = EngineProcess('busy', json.loads(sys.argv[2]), sys.stderr, 60, path=sys.argv[3])\n"
            "print(made.process.pid, flush=True); os.kill(os.getpid(), 9)"
        )
        command = [sys.executable, "-c", script, str(ROOT / "bench/comparison"), json.dumps(self.task({})), str(self.folder)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        status, until = pathlib.Path(f"/proc/{done.stdout.strip()}/status"), time.monotonic() + 10
        while status.exists() and "zombie" not in status.read_text() and time.monotonic() < until:
            time.sleep(0.01)
        self.assertTrue(done.stdout.strip())
        self.assertFalse(status.exists() and "zombie" not in status.read_text())

    def test_a_turn_lasts_as_long_as_asked_and_has_a_least_number_of_runs(self):
        process = self.process()
        self.assertGreater(sum(process.ask(do="time", seconds=0.2, least=2)["ms"]), 195)
        self.assertGreaterEqual(len(process.ask(do="time", seconds=1e-6, least=5)["ms"]), 5)

    def test_both_inputs_are_answered(self):
        files = self.process().ask(do="check")["answers"]
        self.assertEqual([answers.read(path)[0].tolist() for path in files], [[2, 2, 2], [4, 4, 4]])

    def test_an_engine_that_cannot_says_why(self):
        with self.assertRaisesRegex(Refused, "^no such operator$"):
            self.process(load="fails")
        with self.assertRaisesRegex(Refused, "ended with 3"):
            self.process(run="ends")


class Comparison(unittest.TestCase):
    def compared(self, own, expected, precision="fp32", rounding_rival=None):
        """Which engines are left, and why the others or the whole row are not, by answers to two inputs."""

        class Contender:
            def __init__(self, engine, given):
                self.engine, self.given = engine, given

            def answers(self):
                return [[np.array(values)] for values in self.given]

        row = types.SimpleNamespace(bound=0.01, precision=precision)
        found = [Contender("onnxruntime", expected), Contender("atlas", own)]
        if rounding_rival:
            found.append(Contender("openvino", rounding_rival))
        refused = {}
        problem, _ = measure.compare(row, found, refused)
        return [contender.engine for contender in found], refused, problem

    def test_answers_within_the_bound_pass_for_both_inputs(self):
        self.assertEqual(self.compared([[1.0, 2.0], [3.0, 4.03]], [[1.0, 2.01], [3.0, 4.0]]),
                         (["onnxruntime", "atlas"], {}, None))

    def test_an_answer_to_one_input_that_differs_is_enough(self):
        found, refused, _ = self.compared([[1.0, 2.0], [3.0, 4.1]], [[1.0, 2.0], [3.0, 4.0]])
        self.assertEqual((found, refused), (["onnxruntime"], {"atlas": "answers differ by 2.5e-02"}))

    def test_with_rounded_factors_the_rival_that_rounds_too_is_the_measure(self):
        expected, off = [[1.0, -1.0], [-3.0, 3.0]], [[1.1, -1.1], [-3.0, 3.0]]
        self.assertEqual(self.compared(off, expected, "bf16")[1], {"atlas": "answers differ by 1.0e-01"})
        self.assertEqual(self.compared(off, expected, "bf16", [[1.2, -1.0], [-3.0, 3.0]]),
                         (["onnxruntime", "atlas", "openvino"], {}, None))
        self.assertEqual(self.compared(off, expected, "bf16", [[1.01, -1.0], [-3.0, 3.0]])[1],
                         {"atlas": "answers differ by 1.0e-01"})

    def test_answers_that_do_not_depend_on_the_input_prove_nothing(self):
        _, _, problem = self.compared([[1.0, 2.0], [1.0, 2.0]], [[1.0, 2.0], [1.0, 2.01]])
        self.assertEqual(problem, "the answers to two inputs differ by 5.0e-03 only")


class Figures(unittest.TestCase):
    def test_the_faster_setting_of_a_rival_counts_and_its_ratio_is_that_of_a_round(self):
        class Contender(measure.Contender):
            def __init__(self, engine, setting, turns):
                self.engine, self.setting, self.turns = engine, setting, turns

            def figures(self):
                return {"median_ms": sorted(self.medians)[1]}

        ours = Contender("atlas", {}, [[1.0], [2.0], [4.0]])
        slow = Contender("onnxruntime", {"spin": False}, [[3.0], [6.0], [12.0]])
        fast = Contender("onnxruntime", {"spin": True}, [[2.0], [4.0], [4.0]])
        best = measure.judged([slow, ours, fast])
        self.assertEqual(best["onnxruntime"], {"median_ms": 4.0, "ratio": 2.0, "ratios": [2.0, 2.0, 1.0]})

    def test_the_best_rival_decides(self):
        slow = row("a", atlas=figures(2), onnxruntime=figures(4, 2.0), openvino=figures(1, 0.5))
        fast = row("b", atlas=figures(2), onnxruntime=figures(16, 8.0))
        self.assertEqual([results.best_ratio(slow), results.best_ratio(fast)], [0.5, 8.0])
        self.assertEqual(results.part_of_peak(slow, {"1": 2e12}), "50%")
        [line] = results.summary([slow, fast, {"threads": 1, "precision": "fp32", "problem": "differs"}])
        self.assertEqual(line, "fp32, 1 thread: geometric mean of the ratios 2.00; faster than the best rival in 1 of 2 rows")

    def test_a_row_whose_answers_differ_has_no_times(self):
        wrong = {"name": "c", "threads": 2, "refused": {}, "problem": "Atlas: answers differ by 2e-01"}
        self.assertNotRegex(results.line(wrong, {}), r"\d ms|\d\.\d{3}")
        self.assertEqual(page.table([wrong], {})[2:], ["| c | 2 | Atlas: answers differ by 2e-01 |"])
        self.assertNotIn("<rect x", chart.bars([wrong], "t"))


class Page(unittest.TestCase):
    def test_it_says_what_the_results_say(self):
        self.assertTrue(list(page.RESULTS.glob("*.json")))
        for path, text in page.files().items():
            self.assertEqual(path.read_text(), text, path.name)
        for path in page.RESULTS.glob("*.json"):
            self.assertTrue(json.loads(path.read_text())["rows"], path.name)


if __name__ == "__main__":
    unittest.main()
