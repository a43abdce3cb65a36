"""ONNX models written byte by byte, so that a test can also write those that no library would."""

import struct

FLOAT, INT64, BOOL = 1, 7, 9  # TensorProto.DataType


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A field of a message: an int as varint, a float as 32 bits, text and bytes with their length."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(number, values):
    return b"".join(field(number, value) for value in values)


def tensor(name, dtype, dims, raw):
    return fields(1, dims) + field(2, dtype) + field(8, name) + field(9, raw)


def floats(name, dims, values):
    return tensor(name, FLOAT, dims, struct.pack(f"<{len(values)}f", *values))


def int64s(name, values, dims=None):
    return tensor(name, INT64, [len(values)] if dims is None else dims, struct.pack(f"<{len(values)}q", *values))


def external(name, dims, location, **place):
    """A FLOAT tensor whose data lie in another file."""
    entries = {"location": location, **place}
    stored = fields(13, [field(1, key) + field(2, str(value)) for key, value in entries.items()])
    return fields(1, dims) + field(2, FLOAT) + field(8, name) + stored + field(14, 1)


def integer(name, value):
    return field(1, name) + field(3, value) + field(20, 2)


def integers(name, values):
    return field(1, name) + fields(8, values) + field(20, 7)


def subgraph(name, content):
    return field(1, name) + field(6, content) + field(20, 5)


def node(operator, inputs, outputs, *attributes, name=""):
    return fields(1, inputs) + fields(2, outputs) + field(3, name) + field(4, operator) + fields(5, attributes)


def tensor_type(dtype, dims=None):
    """A dim is a size or a symbol."""
    shape = b""
    if dims is not None:
        content = [field(1, dim) if isinstance(dim, int) else field(2, dim) for dim in dims]
        shape = field(2, fields(1, content))
    return field(1, field(1, dtype) + shape)


def value(name, type_proto):
    return field(1, name) + field(2, type_proto)


def graph(nodes, inputs=(), outputs=(), constants=()):
    return fields(1, nodes) + field(2, "g") + fields(5, constants) + fields(11, inputs) + fields(12, outputs)


def model(content, opset=21):
    return field(1, 10) + field(7, content) + field(8, field(2, opset))
