"""Sessions: inputs and outputs by name and position, options, errors, other threads, Ctrl-C."""

import gc
import pathlib
import subprocess
import sys
import threading
import time

import numpy
import pytest

import atlas
from models import FOREVER, SCALE, session

X = numpy.float32([[1, 2], [3, 4]])


def test_by_name_and_by_position():
    scale = session(SCALE)
    named = scale.run({"x": X})
    assert list(named) == ["y"]
    numpy.testing.assert_array_equal(named["y"], X * 2)
    assert named["y"].dtype == numpy.float32
    (y,) = scale.run(X)
    numpy.testing.assert_array_equal(y, X * 2)
    (y,) = scale.run(X, 3)
    numpy.testing.assert_array_equal(y, X * 3)
    (y,) = scale.run(X, None)
    numpy.testing.assert_array_equal(y, X * 2)


def test_results_go_where_the_caller_wants_them():
    scale = session(SCALE)
    y = numpy.zeros((2, 2), numpy.float32)
    assert scale.run(X, out=[y])[0] is y
    numpy.testing.assert_array_equal(y, X * 2)
    assert scale.run({"x": X, "factor": 5}, out={"y": y})["y"] is y
    numpy.testing.assert_array_equal(y, X * 5)
    with pytest.raises(atlas.Error, match="output 'y'.*f32\\[3,2\\]"):
        scale.run(X, out=[numpy.zeros((3, 2), numpy.float32)])
    with pytest.raises(atlas.Error, match="writable, dense"):
        scale.run(X, out=[numpy.zeros((2, 4), numpy.float32)[:, ::2]])
    y.flags.writeable = False
    with pytest.raises(atlas.Error, match="writable, dense"):
        scale.run(X, out=[y])


def test_precision_is_a_choice():
    text = 'graph "g" { input x: f32[1,2] const w = f32[2,2]{1,0,0,1} y: ? = MatMul(x, w) output y }'
    x = numpy.float32([[1 + 2**-9, 3]])
    numpy.testing.assert_array_equal(session(text).run(x)[0], x)
    numpy.testing.assert_array_equal(session(text, precision="bf16").run(x)[0], [[1, 3]])
    ones = ",".join(["1"] * 64 * 128)
    wide = f'graph "g" {{ input x: f32[1,64] const w = f32[64,128]{{{ones}}} y: ? = MatMul(x, w) output y }}'
    x = numpy.ones((1, 64), numpy.float32)
    x[0, 1] = 1 + 2**-9  # less than half a level
    numpy.testing.assert_array_equal(session(wide).run(x)[0], numpy.full((1, 128), 64 + 2**-9))
    numpy.testing.assert_allclose(session(wide, precision="int8").run(x)[0], numpy.full((1, 128), 64 * (1 + 2**-9)), 1e-6)
    with pytest.raises(atlas.Error, match="precision: expected f32, bf16 or int8, got 'f8'"):
        session(text, precision="f8")


def test_takes_no_time_between_runs():
    scale = session(SCALE, threads=4)
    scale.run(X)
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.02


def test_says_what_it_takes():
    scale = session(SCALE)
    x, factor = scale.inputs
    assert (x.name, x.type, x.dtype, x.shape, x.has_default) == ("x", "f32[N,2]", "float32", ("N", 2), False)
    assert (factor.shape, factor.has_default) == ((), True)
    assert [port.name for port in scale.outputs] == ["y"]
    assert scale.fallbacks == []
    assert repr(scale) == "<atlas.Session x: f32[N,2], factor: f32[] -> y: f32[N,2]>"


def test_models_come_as_files_bytes_protos_and_graphs(tmp_path):
    onnx = pytest.importorskip("onnx")
    graph = atlas.Graph.parse(SCALE)
    path = tmp_path / "scale.onnx"
    graph.save(path)
    for model in (str(path), path, path.read_bytes(), onnx.load(path), graph):
        (y,) = atlas.Session(model, threads=1).run(X)
        numpy.testing.assert_array_equal(y, X * 2)


def test_errors_are_those_of_the_command_line(tmp_path):
    assert issubclass(atlas.Error, RuntimeError)
    for make, code, text in (
        (lambda: atlas.Session("/no/such.onnx"), "not found", "/no/such.onnx: "),
        (lambda: atlas.Session(b"no model"), "invalid argument", "model"),
        (lambda: session(SCALE).run(X, 1, 2), "invalid argument", "expected 2 inputs, got 3"),
        (lambda: session(SCALE).run({"z": X}), "invalid argument", "input 'z': expected one of x, factor"),
        (lambda: session(SCALE).run(X.astype(float)), "invalid argument", "input 'x': expected f32"),
        (lambda: session(SCALE).run(), "invalid argument", "'x'"),
        (lambda: session(SCALE, target="abacus"), "not found", "expected one of cpu"),
        (lambda: session(SCALE, disabled_passes=["nonsense"]), "invalid argument", "nonsense"),
        (lambda: session(SCALE, threads=10**9), "invalid argument", "threads"),
        (lambda: session(SCALE).run(X, timeout=-1), "invalid argument", "timeout"),
    ):
        with pytest.raises(atlas.Error) as raised:
            make()
        assert raised.value.code == code
        assert text in str(raised.value)
    model = tmp_path / "odd.txt"
    model.write_text('graph "g" { input x: f32[1]  y: ? = NoSuchThing(x)  output y }')
    with pytest.raises(atlas.Error, match="odd.txt: .*NoSuchThing"):
        atlas.Session(model)


def test_strict_refuses_what_is_slow():
    text = 'graph "g" { input x: f32[1,1,2,2]  y: ? = GlobalLpPool(x) {p=3}  output y }'
    assert len(session(text).fallbacks) == 1
    with pytest.raises(atlas.Error, match="no kernel"):
        session(text, strict=True)


def test_limits():
    with pytest.raises(atlas.Error, match="at most 1 nodes"):
        session("graph \"g\" { input x: f32[N] h: ? = Exp(x) y: ? = Exp(h) output y }", node_limit=1)
    small = session(SCALE, memory_limit=4000)
    small.run(X)
    with pytest.raises(atlas.Error, match="limit of 4000 bytes"):
        small.run(numpy.zeros((1000, 2), numpy.float32))


def test_a_run_ends_in_time():
    with pytest.raises(atlas.Error) as raised:
        session(FOREVER).run([1], timeout=0.05)
    assert raised.value.code == "deadline exceeded"


def test_seeds_of_random_operators():
    noise = session('graph "g" { y: ? = RandomNormal() {shape=[4]}  output y }')
    first, again, other = (noise.run(seed=seed)[0] for seed in (1, 1, 2))
    numpy.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_other_threads_go_on_and_inputs_are_not_copied():
    forever = session(FOREVER)
    x = numpy.float32([1])
    before = sys.getrefcount(x)
    errors = []

    def run():
        try:
            forever.run(x, timeout=3)
        except atlas.Error as error:
            errors.append(error.code)

    thread = threading.Thread(target=run)
    thread.start()
    # This loop turns only if the run leaves the interpreter to others.
    while sys.getrefcount(x) == before and thread.is_alive():
        time.sleep(0.001)
    assert thread.is_alive()
    assert sys.getrefcount(x) > before, "the run should hold the array that it reads"
    thread.join()
    assert errors == ["deadline exceeded"]
    assert sys.getrefcount(x) == before


def test_one_session_many_threads():
    scale = session(SCALE)
    results = {}

    def run(k):
        for _ in range(50):
            results[k] = scale.run(X * k)[0]

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(4):
        numpy.testing.assert_array_equal(results[k], X * k * 2)


INTERRUPTED = """
import os, signal, sys, threading, time
import numpy
from models import FOREVER, session
forever = session(FOREVER)
x = numpy.float32([1])
before = sys.getrefcount(x)

def interrupt():
    while sys.getrefcount(x) == before:  # until the run holds it
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
try:
    forever.run(x, timeout=60)
except KeyboardInterrupt:
    print("interrupted")
print(session('graph "g" { input x: f32[1]  y: ? = Neg(x)  output y }').run(x)[0])
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
except KeyboardInterrupt:
    print("again")
"""


def test_idle_sessions_take_no_time():
    text = 'graph "g" { input x: f32[N,N]  y: ? = MatMul(x, x)  output y }'
    busy = session(text, threads=2)
    busy.run(numpy.ones((300, 300), numpy.float32))
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.02


def test_ctrl_c_ends_a_run():
    program = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        cwd=pathlib.Path(__file__).parent,
        timeout=120,
    )
    assert program.stdout == "interrupted\n[-1.]\nagain\n", program.stderr


def test_results_outlive_their_session():
    (y,) = session(SCALE).run(X)
    gc.collect()
    numpy.testing.assert_array_equal(y, X * 2)


def test_help_teaches():
    for public in (atlas, *(getattr(atlas, name) for name in atlas.__all__ if not name.startswith("_"))):
        assert public.__doc__ and len(public.__doc__) > 20, public
    assert "out" in atlas.Session.run.__doc__
