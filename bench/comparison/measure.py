"""Times one row: every engine and setting loaded, answers compared, then runs in turn."""

import contextlib
import os
import pathlib
import statistics
import tempfile

import numpy as np

import answers
import inputs
import machine
from engine_process import EngineProcess, Refused

AS_ROUNDED = 1.5
LEAST_RUNS = 2  # of a turn, however long they take
REFERENCE = "onnxruntime"


def candidates(precision, threads):
    """(engine, setting) of everybody: settings that may be the better one are all tried."""
    own = {"own_precision": True} if precision == "bf16" else {}
    if precision == "bf16":
        tried = [("atlas", {"precision": "bf16"}), ("atlas_f32", {}), ("onnxruntime", {"spin": threads > 1})]
    else:
        tried = [("atlas", {}), ("onnxruntime", {"spin": False}), ("ncnn", {})]
        if threads > 1:
            tried.append(("onnxruntime", {"spin": True}))
    return tried + [("openvino", {"pin": pin} | own) for pin in ([True] if threads == 1 else [True, False])]


def processors(threads):
    return sorted(os.sched_getaffinity(0))[-threads:]


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def shortened(error):
    """The first lines that say something, without places in an engine's sources and addresses."""
    idle = ("Exception from", "Check '", "FrontEnd API failed", "Summary:", "Model wasn't fully")
    lines = [line.strip(" -") for line in str(error).splitlines()]
    told = " ".join(line for line in lines if line and not line.startswith(idle))
    return told if len(told) <= 160 else told[:157] + "..."


class Contender:
    def __init__(self, engine, setting, task, log, limit_s):
        self.engine, self.setting, self.turns, self.others = engine, setting, [], []
        self.process = EngineProcess(engine, task | {"setting": setting}, log, limit_s)

    def answers(self):
        return [answers.read(path) for path in self.process.ask(do="check")["answers"]]

    def turn(self, seconds):
        told = self.process.ask(do="time", seconds=seconds, least=LEAST_RUNS)
        self.turns.append(told["ms"])
        self.others.append(told["others"])

    @property
    def medians(self):
        return [statistics.median(times) for times in self.turns]

    def figures(self):
        times = [ms for turn in self.turns for ms in turn]
        return {
            "setting": self.setting,
            "min_ms": min(times),
            "median_ms": statistics.median(self.medians),
            "p90_ms": quantile(times, 0.9),
            "runs": len(times),
            "turns_ms": self.medians,
            "load_ms": self.process.ready["load_ms"],
            "first_ms": self.process.ready["first_ms"],
            "peak_bytes": self.process.ask(do="memory")["peak_bytes"],
            "before_bytes": self.process.ready["before_bytes"],
            "others": statistics.mean(self.others),
        }


def start(row, model, threads, options, folder, stack):
    """The contenders that load, and why the others do not."""
    model.read_bytes()  # so that nobody's load waits for the disk
    files = []
    for seed in (0, 1):
        files.append(str(folder / f"inputs{seed}.npz"))
        np.savez(files[-1], **inputs.of_file(model, seed, row.ranges, row.shapes))
    cpus = processors(threads)
    found, refused = [], {}
    log = stack.enter_context(open(folder / "log", "w"))
    for number, (engine, setting) in enumerate(candidates(row.precision, threads)):
        if engine in options.without or engine in refused:
            continue
        task = {"model": str(model), "inputs": files, "threads": threads, "cpus": cpus,
                "answers": str(folder / f"answers{number}-")}
        try:
            contender = Contender(engine, setting, task, log, options.limit)
        except Refused as error:
            refused[engine] = shortened(error)
            continue
        stack.callback(contender.process.end)
        found.append(contender)
    return found, refused


def compare(row, found, refused):
    """Leaves those whose answers are those of the reference, and tells how far each is from it."""
    given = {}
    for contender in list(found):
        try:
            given[contender] = contender.answers()
        except Refused as error:
            refused[contender.engine] = shortened(error)
            found.remove(contender)
    reference = next((c for c in given if c.engine == REFERENCE), None)
    if reference is None:
        return "no reference to compare with: " + refused[REFERENCE], {}
    # Networks with random weights carry one rounded number far: what counts is how far all are off.
    measure = answers.typical if row.precision == "bf16" else answers.largest
    errors = {}
    for contender, own in given.items():
        error = max(answers.difference(a, b, measure) for a, b in zip(own, given[reference]))
        errors[contender.engine] = max(error, errors.get(contender.engine, 0))
    bound = row.bound
    if row.precision == "bf16":  # as exact as the rival that rounds too, or nearly
        bound = max(bound, AS_ROUNDED * errors.get("openvino", 0))
    varies = answers.variation(*given[reference], measure)
    if varies <= bound:  # the answers to another input would pass
        return f"the answers to two inputs differ by {varies:.1e} only", {}
    for engine, error in errors.items():
        if error > bound:
            refused[engine] = f"answers differ by {error:.1e}"
    found[:] = [contender for contender in found if contender.engine not in refused]
    return None, errors


def measure(row, model, threads, options):
    made = {"name": row.name, "family": row.family, "precision": row.precision, "about": row.about,
            "threads": threads, "bound": row.bound}
    with tempfile.TemporaryDirectory(prefix="compare-") as name, contextlib.ExitStack() as stack:
        found, refused = start(row, model, threads, options, pathlib.Path(name), stack)
        problem, errors = compare(row, found, refused)
        if problem is None and "atlas" in refused:
            problem = f"Atlas: {refused['atlas']}"
        made |= {"errors": errors, "refused": refused}
        if problem is None:
            try:
                take_turns(row, found, options)
                spent = machine.where_time_goes(model, f"{name}/inputs0.npz", threads, processors(threads))
                return made | {"engines": judged(found)} | spent
            except Refused as error:
                problem = f"while it was timed: {shortened(error)}"
        return made | {"problem": problem}


def take_turns(row, found, options):
    for number in range(options.rounds):
        # Back and forth, so that nobody always comes behind the same one.
        for contender in found if number % 2 == 0 else reversed(found):
            contender.turn(options.seconds)
    refused = {}
    problem, _ = compare(row, list(found), refused)
    if problem or refused:
        raise Refused(problem or f"afterwards: {refused}")


def judged(found):
    """Figures by engine, each by its best setting, rivals with the ratio to Atlas: that of the round in the middle."""
    [ours] = [contender for contender in found if contender.engine == "atlas"]
    best = {}
    for contender in found:
        figures = contender.figures()
        if contender is not ours:
            ratios = [theirs / own for theirs, own in zip(contender.medians, ours.medians)]
            figures |= {"ratio": statistics.median(ratios), "ratios": ratios}
        before = best.get(contender.engine)
        if before is None or figures["median_ms"] < before["median_ms"]:
            best[contender.engine] = figures
    return best
