"""Models of one operator or two, at the shapes that the models of catalogue.py have, with random weights."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 23
FLOAT, BYTE = TensorProto.FLOAT, TensorProto.UINT8


class Maker:
    """A graph node by node; sizes of outputs are left to inference."""

    def __init__(self):
        self.rng = np.random.default_rng(0)
        self.nodes, self.inputs, self.constants = [], [], []

    def input(self, shape, kind=FLOAT):
        self.inputs.append(helper.make_tensor_value_info(f"x{len(self.inputs)}", kind, shape))
        return self.inputs[-1].name

    def constant(self, array):
        self.constants.append(numpy_helper.from_array(array, f"c{len(self.constants)}"))
        return self.constants[-1].name

    def weights(self, *shape):
        scale = np.prod(shape[1:]) ** -0.5  # so that sums stay near 1
        return self.constant((scale * self.rng.standard_normal(shape)).astype(np.float32))

    def node(self, op, inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names

    def write(self, path, outputs, kind=FLOAT):
        values = [helper.make_tensor_value_info(name, kind, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "operator", self.inputs, values, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def convolution(path, image, out, kernel, stride=1, groups=1):
    m, pad = Maker(), kernel // 2
    w, b = m.weights(out, image[0] // groups, kernel, kernel), m.weights(out)
    m.write(path, m.node("Conv", [m.input([1, *image]), w, b], strides=[stride] * 2, pads=[pad] * 4, group=groups))


def transposed_convolution(path, image, out, kernel, stride):
    m, pad = Maker(), (kernel - stride) // 2
    w, b = m.weights(image[0], out, kernel, kernel), m.weights(out)
    m.write(path, m.node("ConvTranspose", [m.input([1, *image]), w, b], strides=[stride] * 2, pads=[pad] * 4))


def product(path, a, b):
    """Of an input and weights."""
    m = Maker()
    m.write(path, m.node("MatMul", [m.input(a), m.weights(*b)]))


def gemm(path, a, b, **attributes):
    m = Maker()
    m.write(path, m.node("Gemm", [m.input(a), m.weights(*b)], **attributes))


def of_inputs(path, op, shapes, **attributes):
    """Any operator without weights, of as many inputs as shapes."""
    m = Maker()
    m.write(path, m.node(op, [m.input(shape) for shape in shapes], **attributes))


def recurrent(path, op, steps, features, width):
    m, gates = Maker(), 4 if op == "LSTM" else 3
    w, r = m.weights(1, gates * width, features), m.weights(1, gates * width, width)
    b = m.weights(1, 2 * gates * width)
    extra = {} if op == "LSTM" else {"linear_before_reset": 1}
    m.write(path, m.node(op, [m.input([steps, 1, features]), w, r, b], hidden_size=width, **extra))


def layer_norm(path, shape):
    m = Maker()
    m.write(path, m.node("LayerNormalization", [m.input(shape), m.weights(shape[-1]), m.weights(shape[-1])], axis=-1))


def silu(path, shape):
    m = Maker()
    x = m.input(shape)
    m.write(path, m.node("Mul", [x, *m.node("Sigmoid", [x])]))


def chain(path, shape):
    """Scale, shift, activation, residual: what stands between heavy operators."""
    m = Maker()
    x, vector = m.input(shape), [shape[1], 1, 1]
    [y] = m.node("Mul", [x, m.weights(*vector)])
    [y] = m.node("Add", [y, m.weights(*vector)])
    [y] = m.node("Relu", [y])
    m.write(path, m.node("Add", [y, x]))


def resize(path, shape, mode, scale):
    m = Maker()
    scales = m.constant(np.array([1, 1, scale, scale], np.float32))
    place = "asymmetric" if mode == "nearest" else "half_pixel"
    extra = {"nearest_mode": "floor"} if mode == "nearest" else {}
    m.write(path, m.node("Resize", [m.input(shape), "", scales], mode=mode, coordinate_transformation_mode=place, **extra))


def gather(path, rows, width, count):
    m = Maker()
    indices = m.constant(m.rng.integers(0, rows, [1, count]))
    m.write(path, m.node("Gather", [m.input([rows, width]), indices], axis=0))


def part(path, shape, begin, end, axis, step=1):
    m = Maker()
    bounds = [m.constant(np.array([n], np.int64)) for n in (begin, end, axis, step)]
    m.write(path, m.node("Slice", [m.input(shape), *bounds]))


def halves(path, shape, axis):
    m = Maker()
    m.write(path, m.node("Split", [m.input(shape)], outputs=2, axis=axis, num_outputs=2))


def levels(m, scale, zero):
    return [m.constant(np.array(scale, np.float32)), m.constant(np.array(zero))]


def integer_convolution(path, image, out, kernel, groups=1):
    m = Maker()
    w = m.constant(m.rng.integers(-127, 128, [out, image[0] // groups, kernel, kernel]).astype(np.int8))
    x = [m.input([1, *image], BYTE), *levels(m, 0.02, np.uint8(128))]
    y = levels(m, 0.02 * 0.01 * 74 * (image[0] // groups) ** 0.5 * kernel, np.uint8(128))
    node = m.node("QLinearConv", [*x, w, *levels(m, 0.01, np.int8(0)), *y], pads=[kernel // 2] * 4, group=groups)
    m.write(path, node, BYTE)


def integer_product(path, a, b):
    m = Maker()
    w = m.constant(m.rng.integers(-127, 128, b).astype(np.int8))
    y = levels(m, 0.02 * 0.01 * 74 * b[0] ** 0.5, np.uint8(128))
    inputs = [m.input(a, BYTE), *levels(m, 0.02, np.uint8(128)), w, *levels(m, 0.01, np.int8(0)), *y]
    m.write(path, m.node("QLinearMatMul", inputs), BYTE)


def few_bits_product(path, a, n, bits, block):
    """Of an input and weights of few bits, a scale for each block of a column."""
    m, blocks = Maker(), -(-a[-1] // block)
    codes = m.constant(m.rng.integers(0, 256, [n, blocks, block * bits // 8]).astype(np.uint8))
    spread = (4**bits / 12) ** 0.5  # of codes
    scales = m.constant((m.rng.uniform(0.5, 1.5, n * blocks) / spread / a[-1] ** 0.5).astype(np.float32))
    extra = {"K": a[-1], "N": n, "bits": bits, "block_size": block}
    m.write(path, m.node("MatMulNBits", [m.input(a), codes, scales], domain="com.microsoft", **extra))


def make(path, row):
    """Writes the model of a row of operator_catalogue.py."""
    globals()[row.maker](path, *row.options["sizes"], **row.options["more"])
