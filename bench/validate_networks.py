"""Holds `atlas predict --table` against published times of whole networks, for bench/validate_predict.

Levels, by the die of a chip (a100 of a100-sxm-80gb), as boards and memories alone make no stranger:
  data sheet   operators by constants that no chip of this die was fitted for; runs by those of all other dies' rows
  calibrated   the same, fitted further on a third of this die's rows and scored on the rest
Rows of all tables are fitted together, as runtimes are met in several. Bytes of Megatron's memory are predicted by
formulas that have nothing to fit."""

import csv
import pathlib
import statistics
import subprocess
import zlib

import network_tables

FITS = pathlib.Path(__file__).resolve().parent.parent / "machines" / "fits"


def is_for_fitting(row):
    sizes = ",".join(row[column] for column in network_tables.COLUMNS if column != "latency_ms")
    return zlib.crc32(sizes.encode()) % 3 == 0


def die_of(chip):
    """a100 of a100-sxm-80gb: chips that differ in memory or board alone are no strangers to each other."""
    return chip.split("-")[0]


def read_constants(path):
    """key -> its lines; the files are written by `atlas machine fit`, a key and its numbers per line."""
    keys = {}
    for line in path.read_text(encoding="utf-8").partition("constants:\n")[2].splitlines():
        if line.startswith("    "):
            keys[key].append(line)
        else:
            key = line
            keys[key] = []
    return keys


def keep_runs(path, out, own=None):
    """Of a file of constants those of runs, and of them, where `own` is given, of these keys and their hosts."""
    chosen = {}
    for key, lines in read_constants(path).items():
        family, _, kind = key.strip(" :").partition("/")
        if family == "run" and (own is None or kind in own):
            chosen[key] = lines
        if family == "host" and (own is None or any(name.rsplit("-", 2)[0] == kind for name in own)):
            chosen[key] = lines
    head = path.read_text(encoding="utf-8").partition("constants:\n")[0]
    body = [line for key in sorted(chosen) for line in (key, *chosen[key])]
    out.write_text(head + "\n".join(["constants:", *body]) + "\n", encoding="utf-8")


def join(out, *paths):
    """Constants of several files, the last one's first."""
    chosen = {}
    for path in paths:
        chosen.update(read_constants(path))
    lines = [line for key in sorted(chosen) for line in (key, *chosen[key])]
    out.write_text("\n".join(["fitted_on: []", "constants:", *lines]) + "\n", encoding="utf-8")
    return out


def operator_constants(die, out):
    """Those that no chip of this die was fitted for."""
    chosen = read_constants(FITS / "general.yaml")
    for path in sorted(FITS.glob(f"without-{die}*.yaml")):
        chip = path.stem.removeprefix("without-")
        own, without = read_constants(FITS / f"{chip}.yaml"), read_constants(path)
        for key in own:  # what was fitted on this chip, the file without it has from others, or not at all
            chosen.pop(key, None)
            if key in without:
                chosen[key] = without[key]
    lines = [line for key in sorted(chosen) if not key.startswith(("  run/", "  host/")) for line in (key, *chosen[key])]
    out.write_text("\n".join(["fitted_on: []", "constants:", *lines]) + "\n", encoding="utf-8")
    return out


class Networks:
    """Scores several tables that are fitted together: what one says of a runtime serves another."""

    def __init__(self, atlas, tables, chips, folder):
        self.atlas = atlas
        self.folder = folder
        self.rows = []
        self.left_out = {}
        for path, (rows, left_out) in tables:
            for reason, count in left_out.items():
                self.left_out[path.name, reason] = count
            for row in rows:
                chip = chips[row["device"]]
                self.rows.append({**row, "_table": path.name, "_chip": chip, "_die": die_of(chip)})
        self.results = []
        self.memory = []

    def write(self, rows):
        path = self.folder / "networks.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, network_tables.COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def run_atlas(self, *arguments):
        done = subprocess.run([self.atlas, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"atlas {' '.join(map(str, arguments))}: {done.stderr.strip()}")

    def fit(self, rows, prior, out):
        if not rows:
            return prior
        self.run_atlas("machine", "fit", self.write(rows), "--from", prior, "-o", out)
        return out

    def score(self, rows, constants, level):
        if not rows:
            return
        out = self.folder / "predicted.csv"
        self.run_atlas("predict", "--table", self.write(rows), "--fit", constants, "--csv", out)
        with open(out, newline="", encoding="utf-8") as file:
            for row, predicted in zip(rows, csv.DictReader(file)):
                ratio = float(predicted["predicted_us"]) / (float(row["latency_ms"]) * 1e3)
                self.results.append((row, level, ratio))

    def run(self):
        for die in sorted({row["_die"] for row in self.rows}):
            own = [row for row in self.rows if row["_die"] == die]
            others = [row for row in self.rows if row["_die"] != die]
            prior = operator_constants(die, self.folder / "operators.yaml")
            sheet = self.fit(others, prior, self.folder / f"{die}-sheet.yaml")
            self.score(own, sheet, "data sheet")
            own_fit = self.fit([row for row in own if is_for_fitting(row)], sheet, self.folder / f"{die}-own.yaml")
            self.score([row for row in own if not is_for_fitting(row)], own_fit, "calibrated")

    def score_memory(self, path):
        for rows, kind, column in network_tables.memory_rows(path):
            out = self.folder / "predicted.csv"
            self.run_atlas("predict", "--table", self.write(rows), "--csv", out)
            with open(out, newline="", encoding="utf-8") as file:
                for row, predicted in zip(rows, csv.DictReader(file)):
                    self.memory.append((path.name, kind, abs(float(predicted[column]) / row["_gib"] - 1)))

    def groups(self):
        """(table, what, level) -> errors: by mode, by chip, by runtime, and all of a table."""
        out = {}
        for row, level, ratio in self.results:
            several = int(row["dp"] or 1) * int(row["tp"] or 1) * int(row["pp"] or 1) > 8
            kinds = ["all", row["mode"], row["_die"], row["runtime"]]
            if row["_table"].startswith("vtrain"):
                kinds = ["several nodes" if several else "one node"]
            for kind in kinds:
                out.setdefault((row["_table"], kind, level), []).append(abs(ratio - 1))
        for table, kind, error in self.memory:
            out.setdefault((table, kind, "formula"), []).append(error)
        return dict(sorted(out.items(), key=lambda item: (item[0][0], item[0][1] != "all", item[0][1])))

    def points(self):
        """(table, "whole networks") -> level -> [(measured, predicted) in us]"""
        out = {}
        for row, level, ratio in self.results:
            measured = float(row["latency_ms"]) * 1e3
            series = out.setdefault((row["_table"], "whole networks"), {})
            series.setdefault(level, []).append((measured, measured * ratio))
        return out

    def write_fits(self, folder):
        """What runs need beside the operators' constants in `folder`: as there, general, per chip and without it."""
        runs = folder / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        general = folder / "general.yaml"
        keep_runs(self.fit(self.rows, general, self.folder / "fitted.yaml"), runs / "general.yaml")
        for chip in sorted({row["_chip"] for row in self.rows}):
            without, own = folder / f"without-{chip}.yaml", folder / f"{chip}.yaml"
            base = without if without.exists() else general
            others = [row for row in self.rows if row["_die"] != die_of(chip)]
            sheet = self.fit(others, base, self.folder / "sheet.yaml")
            keep_runs(sheet, runs / f"without-{chip}.yaml")
            begin = join(self.folder / "begin.yaml", sheet, *([own] if own.exists() else []))
            mine = [row for row in self.rows if row["_chip"] == chip]
            keys = {f"{row['runtime']}-{row['dtype']}-{row['mode']}" for row in mine}
            keep_runs(self.fit(mine, begin, self.folder / "own.yaml"), runs / f"{chip}.yaml", keys)

    def figures(self):
        out = []
        for (table, kind, level), errors in self.groups().items():
            errors.sort()
            out.append(
                {
                    "table": table,
                    "rows": kind,
                    "level": level,
                    "n": len(errors),
                    "mean": statistics.mean(errors),
                    "median": statistics.median(errors),
                    "p90": errors[min(len(errors) - 1, len(errors) * 9 // 10)],
                    "worst": errors[-1],
                }
            )
        return out

    def lines(self):
        rows = [("table", "rows", "level", "n", "mean %", "median %", "p90 %", "worst %")]
        for figure in self.figures():
            numbers = (f"{figure[key] * 100:.1f}" for key in ("mean", "median", "p90", "worst"))
            rows.append((figure["table"], figure["rows"], figure["level"], str(figure["n"]), *numbers))
        return rows
