"""Models that are damaged, contradict themselves or ask for the moon: one line, exit code 2, in bounded memory."""

import os
import pathlib
import random
import tempfile
import unittest

from onnx_wire import (
    BOOL,
    FLOAT,
    INT64,
    external,
    field,
    fields,
    floats,
    graph,
    int64s,
    integer,
    integers,
    model,
    node,
    subgraph,
    tensor,
    tensor_type,
    value,
)
from program import atlas

ADDRESS_SPACE = 4 << 30
LIMIT_S = 20
HUGE = 1 << 40

X = value("x", tensor_type(FLOAT, ["n", 3]))
Y = value("y", tensor_type(FLOAT))
W = floats("w", [3, 2], [1, 2, 3, 4, 5, 6])


def one_node(operator, inputs, *attributes, constants=(), output=Y):
    """A model of one node 'first' that feeds its output y."""
    return model(graph([node(operator, inputs, ["y"], *attributes, name="first")], [X], [output], constants))



def branch(operator, output):
    return graph([node(operator, ["s"], [output])], outputs=[value(output, tensor_type(FLOAT))])


SOUND = model(
    graph(
        [
            node("MatMul", ["x", "w"], ["h"], name="first"),
            node("Softmax", ["h"], ["s"], integer("axis", 1), name="second"),
            node(
                "If",
                ["c"],
                ["y"],
                subgraph("then_branch", branch("Relu", "a")),
                subgraph("else_branch", branch("Neg", "b")),
                name="third",
            ),
        ],
        [X],
        [Y],
        [W, tensor("c", BOOL, [], b"\1")],
    )
)


def local_function(name, nodes):
    """A function of domain 'local' from x to y."""
    opsets = [field(2, 21), field(1, "local") + field(2, 1)]
    signature = field(1, name) + field(4, "x") + field(5, "y") + field(10, "local")
    return signature + fields(7, nodes) + fields(9, opsets)


class Hostile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.folder / "model.onnx"

    def atlas(self, *arguments):
        run = atlas(*arguments, timeout=LIMIT_S, address_space=ADDRESS_SPACE)
        self.assertIn(run.code, (0, 2), f"{arguments}: {run.error[-500:]}")
        if run.code == 2:
            self.assertTrue(run.error.startswith("atlas: "), run.error)
            self.assertEqual(run.error.count("\n"), 1, run.error)
            self.assertEqual(run.output, "")
        return run

    def must_fail(self, content, *parts):
        """A run names the model's file and `parts`."""
        self.model.write_bytes(content)
        run = self.atlas("run", self.model, "--random", "1")
        self.assertEqual(run.code, 2, run.output)
        for part in (str(self.model), *parts):
            self.assertIn(part, run.error)

    def survives(self, content):
        self.model.write_bytes(content)
        for arguments in (("show", self.model), ("run", self.model, "--random", "1")):
            run = self.atlas(*arguments)
            if run.code == 2:
                self.assertIn(str(self.model), run.error)

    def test_the_sound_model_runs(self):
        self.model.write_bytes(SOUND)
        run = self.atlas("run", self.model, "--random", "1")
        self.assertEqual(run.code, 0, run.error)
        self.assertIn("y: f32[1,2]", run.output)

    def test_truncated(self):
        for length in range(0, len(SOUND), 5):
            with self.subTest(length):
                self.survives(SOUND[:length])

    def test_bits_flipped(self):
        rng = random.Random(1)
        for round in range(100):
            content = bytearray(SOUND)
            for _ in range(1 + round % 4):
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            with self.subTest(round):
                self.survives(bytes(content))

    def test_no_model_at_all(self):
        self.must_fail(b"", "expected an ONNX model")
        self.must_fail(b"\x89PNG\r\n\x1a\n" + bytes(100))
        self.must_fail(random.Random(2).randbytes(10000))
        self.must_fail(b"\xff" * 10000)

    def test_cycles(self):
        nodes = [node("Relu", ["b"], ["a"], name="first"), node("Relu", ["a"], ["b"], name="second")]
        self.must_fail(model(graph(nodes, [X], [value("b", tensor_type(FLOAT))])), "first")
        self.must_fail(one_node("Add", ["x", "y"]), "first", "cycle")

    def test_values_that_clash_or_lack(self):
        self.must_fail(one_node("Add", ["x", "nowhere"]), "'nowhere'", "first")
        self.must_fail(model(graph([node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])], [X], [Y])), "'y'")
        self.must_fail(model(graph([], [X], [Y])), "'y'")

    def test_operators_used_wrongly(self):
        for content, *parts in (
            (one_node("NoSuchThing", ["x"]), "NoSuchThing", "no such operator"),
            (one_node("Relu", ["x", "x"]), "Relu", "first"),
            (one_node("Add", ["x"]), "Add", "first"),
            (one_node("Softmax", ["x"], integer("axis", 7)), "Softmax", "first", "axis"),
            (one_node("Relu", ["x"], integer("colour", 7)), "Relu", "first", "colour"),
            (one_node("Transpose", ["x"], integers("perm", [0, 0])), "Transpose", "first"),
            (one_node("MatMul", ["x", "w"], constants=[floats("w", [4, 2], [0] * 8)]), "MatMul", "first"),
            (one_node("Add", ["x", "w"], constants=[int64s("w", [1, 2, 3])]), "Add", "first"),
            (one_node("Relu", ["x"], output=value("y", tensor_type(INT64))), "y"),
            (one_node("Relu", ["x"], output=value("y", tensor_type(FLOAT, [7, 7, 7]))), "y"),
            (one_node("Gather", ["x", "i"], constants=[int64s("i", [5])]), "Gather", "first", "5"),
            (one_node("Reshape", ["x", "s"], constants=[int64s("s", [7, 7])]), "Reshape", "first"),
        ):
            with self.subTest(parts):
                self.must_fail(content, *parts)

    def test_tensors_that_contradict_themselves(self):
        for constant, *parts in (
            (tensor("w", FLOAT, [3, 2], b"1234"), "'w'", "24 bytes", "4"),
            (tensor("w", FLOAT, [-3, 2], b""), "'w'", "-3"),
            (tensor("w", FLOAT, [HUGE], b""), "'w'"),
            (tensor("w", FLOAT, [1 << 62, 1 << 62], b""), "'w'"),
            (tensor("w", FLOAT, [1] * 1000, b"1234"), "'w'", "axes"),
            (tensor("w", 99, [1], b"1234"), "'w'", "99"),
        ):
            with self.subTest(parts):
                self.must_fail(one_node("Add", ["x", "w"], constants=[constant]), *parts)

    def test_external_data_stay_in_the_folder(self):
        inside = self.folder / "inside"
        inside.mkdir()
        self.model = inside / "model.onnx"
        secret = self.folder / "secret"
        secret.write_bytes(bytes(24))
        os.symlink(secret, inside / "link")
        os.symlink(self.folder, inside / "door")
        (inside / "short").write_bytes(bytes(10))
        for location, place, *parts in (
            ("../secret", {}, "../secret"),
            (str(secret), {}, str(secret)),
            ("link", {}, "link"),
            ("door/secret", {}, "door/secret"),
            ("", {}, "'w'", "a path inside the folder"),
            ("missing", {}, "missing"),
            (".", {}, "'w'", "leads out"),
            ("short", {}, "short", "24 bytes"),
            ("short", {"offset": 1 << 63}, "short"),
            ("short", {"offset": -1}, "offset"),
            ("short", {"length": (1 << 64) - 1}, "short"),
        ):
            with self.subTest((location, place)):
                constant = external("w", [3, 2], location, **place)
                self.must_fail(one_node("MatMul", ["x", "w"], constants=[constant]), *parts)

    def test_bombs(self):
        many, dot, scalar = int64s("many", [HUGE]), floats("dot", [1], [1]), lambda name, n: int64s(name, [n], [])
        integers_out = value("y", tensor_type(INT64))
        pads, scales = int64s("pads", [0, HUGE]), floats("scales", [1], [1e12])
        ends = [scalar("from", 0), scalar("to", HUGE), scalar("by", 1)]
        classes = [int64s("i", [1]), scalar("depth", HUGE), floats("v", [2], [0, 1])]
        for operator, inputs, attributes, constants, output in (
            ("ConstantOfShape", ["many"], [], [many], Y),
            ("Expand", ["dot", "many"], [], [dot, many], Y),
            ("Tile", ["dot", "many"], [], [dot, many], Y),
            ("Pad", ["dot", "pads"], [], [dot, pads], Y),
            ("Resize", ["dot", "", "scales"], [], [dot, scales], Y),
            ("RandomNormal", [], [integers("shape", [HUGE])], [], Y),
            ("Range", ["from", "to", "by"], [], ends, integers_out),
            ("OneHot", ["i", "depth", "v"], [], classes, Y),
        ):
            with self.subTest(operator):
                content = one_node(operator, inputs, *attributes, constants=constants, output=output)
                self.must_fail(content, f"{operator} 'first'")
                run = self.atlas("show", self.model)
                if run.code == 2:
                    self.assertIn(str(self.model), run.error)

    def test_a_loop_without_end_ends_in_time(self):
        body = graph(
            [node("Identity", ["go"], ["on"]), node("Add", ["v", "v"], ["w"])],
            [value("i", tensor_type(INT64, [])), value("go", tensor_type(BOOL, [])), value("v", tensor_type(FLOAT))],
            [value("on", tensor_type(BOOL, [])), value("w", tensor_type(FLOAT))],
        )
        trips = int64s("m", [(1 << 63) - 1], [])
        content = one_node("Loop", ["m", "", "x"], subgraph("body", body), constants=[trips])
        self.model.write_bytes(content)
        run = atlas("run", self.model, "--random", "1", "--timeout", "0.5", timeout=LIMIT_S)
        self.assertGreater(run.code, 0)
        self.assertIn("atlas: ", run.error)
        self.assertLess(run.seconds, 5)

    def test_limits_are_options(self):
        self.model.write_bytes(SOUND)
        for options, *parts in (
            (["--node-limit", "4"], "at most 4 nodes"),
            (["--nesting-limit", "0"], "third", "nest more than 0 deep"),
            (["--memory-limit", "10B"], "limit of 10 bytes"),
            (["--memory-limit", "much"], "--memory-limit 'much'", "a size such as"),
            (["--timeout", "1e-9"], "out of time"),
        ):
            with self.subTest(options):
                run = atlas("run", self.model, "--random", "1", *options, timeout=LIMIT_S)
                self.assertGreater(run.code, 0, run.output)
                for part in parts:
                    self.assertIn(part, run.error)
        run = self.atlas("run", self.model, "--random", "1", "--node-limit", "5", "--memory-limit", "1MiB")
        self.assertEqual(run.code, 0, run.error)

    def test_nested_too_deep(self):
        content = graph([node("Relu", ["x"], ["y"])], [], [Y])
        for _ in range(2000):
            content = graph([node("If", ["c"], ["y"], subgraph("then_branch", content))], [], [Y])
        self.must_fail(model(content + field(11, X) + field(11, value("c", tensor_type(BOOL)))), "deep")
        type_proto = tensor_type(FLOAT)
        for _ in range(5000):
            type_proto = field(4, field(1, type_proto))
        self.must_fail(model(graph([], [value("x", type_proto)], [value("x", type_proto)])), "deep")

    def test_functions_that_multiply(self):
        """Each function calls the next one twice: few bytes, 2^40 nodes."""
        functions = b""
        for i in range(40):
            calls = [node(f"F{i + 1}", [x], [y]) + field(7, "local") for x, y in (("x", "h"), ("h", "y"))]
            functions += field(25, local_function(f"F{i}", calls if i < 39 else [node("Relu", ["x"], ["y"])]))
        call = node("F0", ["x"], ["y"], name="first") + field(7, "local")
        content = model(graph([call], [X], [Y])) + field(8, field(1, "local") + field(2, 1)) + functions
        self.must_fail(content, "inlining its functions gives more than")

    def test_functions_that_call_themselves(self):
        function = local_function("F", [node("F", ["x"], ["y"]) + field(7, "local")])
        call = node("F", ["x"], ["y"], name="first") + field(7, "local")
        content = model(graph([call], [X], [Y])) + field(8, field(1, "local") + field(2, 1)) + field(25, function)
        self.must_fail(content, "F")

    def test_text_forms(self):
        self.model = self.folder / "model.txt"
        sound = 'graph "g" {\n  input x: f32[N,3]\n  y: f32[N,3] = Relu "first"(x)\n  output y\n}\n'
        self.model.write_text(sound)
        self.assertEqual(self.atlas("show", self.model).code, 0)
        rng = random.Random(3)
        self.must_fail(b"")
        self.must_fail(rng.randbytes(5000))
        self.must_fail(b"{" * 100000)
        self.must_fail(b"graph \"g\" {\n  input x: " + b"sequence(" * 100000, "model.txt:2:", "deep")
        self.must_fail(b"graph \"g\" {\n  const w = f32[1099511627776]{1}\n  output w\n}\n", "model.txt:2:")
        self.must_fail(b"graph \"g\" {\n  input x: f32[" + b"9" * 1000 + b"]\n}\n", "model.txt:2:")
        pieces = [b"", b"(", b"{", b'"', b"-1", b"\0", b"\xff", b"99"]
        for round in range(60):
            content = bytearray(sound.encode())
            for _ in range(1 + round % 3):
                at = rng.randrange(len(content))
                content[at : at + rng.randrange(2)] = rng.choice(pieces)
            with self.subTest(round):
                self.survives(bytes(content))


if __name__ == "__main__":
    unittest.main()
