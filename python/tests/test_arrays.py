"""What goes in and comes out: every element type, layout and kind of array."""

import array

import numpy
import pytest

import atlas
from models import identity, session

ml_dtypes = pytest.importorskip("ml_dtypes")

NUMPYS = {
    "f64": "float64", "f32": "float32", "f16": "float16", "i64": "int64", "i32": "int32", "i16": "int16",
    "i8": "int8", "u64": "uint64", "u32": "uint32", "u16": "uint16", "u8": "uint8", "bool": "bool",
    "c64": "complex64", "c128": "complex128",
}  # fmt: skip
ML_DTYPES = {
    "bf16": "bfloat16", "f8e4m3fn": "float8_e4m3fn", "f8e4m3fnuz": "float8_e4m3fnuz", "f8e5m2": "float8_e5m2",
    "f8e5m2fnuz": "float8_e5m2fnuz", "f8e8m0": "float8_e8m0fnu", "f4e2m1": "float4_e2m1fn", "u4": "uint4",
    "i4": "int4", "u2": "uint2", "i2": "int2",
}  # fmt: skip


def same(type, value):
    (result,) = identity(type).run(value)
    return result


@pytest.mark.parametrize("own, numpys", NUMPYS.items())
def test_numpys_types(own, numpys):
    x = numpy.array([[0, 1, 1], [1, 0, 1]]).astype(numpys)
    y = same(f"{own}[2,3]", x)
    assert y.dtype == x.dtype
    numpy.testing.assert_array_equal(y, x)


@pytest.mark.parametrize("own, name", ML_DTYPES.items())
def test_types_of_ml_dtypes(own, name):
    dtype = getattr(ml_dtypes, name)
    numbers = [1, 0.5, 2, 4, 1] if own == "f8e8m0" else [0, 1, 2, 3, 1] if own[0] == "u" else [0, 1, -2, -1, 1]
    x = numpy.array(numbers).astype(dtype)
    y = same(f"{own}[5]", x)
    assert y.dtype == dtype
    numpy.testing.assert_array_equal(y.view("uint16" if own == "bf16" else "uint8"), x.view(
        "uint16" if own == "bf16" else "uint8"))  # fmt: skip


def test_results_of_ml_dtypes_can_go_into_the_callers_array():
    x = numpy.array([1, 2.5]).astype(ml_dtypes.bfloat16)
    y = numpy.zeros_like(x)
    assert identity("bf16[2]").run(x, out=[y])[0] is y
    assert (x == y).all()


def test_every_layout():
    whole = numpy.arange(24, dtype="f4").reshape(4, 6)
    for x in (whole[::2], whole[:, ::3], whole.T, whole[::-1], numpy.asfortranarray(whole), whole.astype(">f4")):
        y = same("f32[A,B]", x)
        numpy.testing.assert_array_equal(y, x)
        assert y.dtype == numpy.dtype("float32")
    odd = numpy.frombuffer(b"\0" + whole.tobytes(), dtype="f4", offset=1)
    assert not odd.flags.aligned
    numpy.testing.assert_array_equal(same("f32[24]", odd), whole.ravel())


def test_scalars_and_empty_arrays():
    assert same("f32[]", numpy.float32(3)).shape == ()
    assert same("f32[]", numpy.array(3, "f4")).item() == 3
    assert same("f32[0,3]", numpy.zeros((0, 3), "f4")).shape == (0, 3)
    assert same("string[0]", []).shape == (0,)


def test_lists_and_numbers_take_the_type_that_is_wanted():
    assert same("f32[2]", [1, 2.5]).dtype == numpy.float32
    assert same("f16[]", 1).dtype == numpy.float16
    assert same("bf16[1]", [1.5]).dtype == ml_dtypes.bfloat16
    assert same("i32[2,1]", [[1], [2]]).shape == (2, 1)
    with pytest.raises(atlas.Error, match="input 'x': Cannot cast .*float64.*int64"):
        same("i64[1]", [1.5])
    with pytest.raises(atlas.Error, match="input 'x'"):
        same("f32[2]", [[1], [2, 3]])


class OnlyDlpack:
    """An array that shows nothing but DLPack."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_dlpack_and_the_buffer_protocol():
    x = numpy.float32([[1, 2]])
    numpy.testing.assert_array_equal(same("f32[1,2]", OnlyDlpack(x)), x)
    numpy.testing.assert_array_equal(same("f32[1,2]", memoryview(x)), x)
    numpy.testing.assert_array_equal(same("f32[2]", array.array("f", [1, 2])), x[0])
    numpy.testing.assert_array_equal(same("u8[3]", b"\1\2\3"), [1, 2, 3])
    y = same("f32[1,2]", x)
    numpy.testing.assert_array_equal(numpy.from_dlpack(OnlyDlpack(y)), x)
    target = numpy.zeros((1, 2), "f4")
    identity("f32[1,2]").run(x, out=[OnlyDlpack(target)])
    numpy.testing.assert_array_equal(target, x)


def test_strings():
    texts = [["a", "héllo"], ["", "日本"]]
    for x in (texts, numpy.array(texts), numpy.array(texts, dtype=object)):
        y = same("string[2,2]", x)
        assert y.dtype == object
        assert y.tolist() == texts
    assert same("string[1]", numpy.array([b"bytes"])).tolist() == ["bytes"]
    assert same("string[1]", [b"\xff"]).tolist() == ["\udcff"]
    assert same("string[]", "alone").item() == "alone"
    assert same("string[1]", same("string[1]", [b"\xff"])).tolist() == ["\udcff"]
    with pytest.raises(atlas.Error, match="input 'x': expected str or bytes, got int"):
        same("string[2]", numpy.array(["a", 1], dtype=object))


def test_sequences_optionals_and_maps():
    both = [numpy.float32([1]), numpy.float32([2, 3])]
    y = same("sequence(f32)", both)
    assert isinstance(y, list)
    for a, b in zip(y, both):
        numpy.testing.assert_array_equal(a, b)
    with pytest.raises(atlas.Error, match="input 'x': expected a list"):
        same("sequence(f32)", 1)
    assert same("optional(f32[1])", [7]).tolist() == [7]
    ages = session("""graph "g" {
      input x: map(string,f32)
      y: ? = ai.onnx.ml::DictVectorizer(x) {string_vocabulary=["a", "b", "c"]}
      output y }""")  # fmt: skip
    assert ages.run({"a": 1.0, "c": 2.0})[0].tolist() == [[1, 0, 2]]


def test_maps_come_out_as_dicts():
    zip_map = session("""graph "g" {
      input x: f32[N,2]
      y: ? = ai.onnx.ml::ZipMap(x) {classlabels_strings=["a", "b"]}
      output y }""")  # fmt: skip
    assert zip_map.run([[1, 2], [3, 4]])[0] == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_what_is_no_tensor():
    for value in (numpy.array(["2020-01-01"], dtype="datetime64[D]"), object(), {1, 2}):
        with pytest.raises(atlas.Error, match="input 'x'"):
            same("f32[1]", value)
