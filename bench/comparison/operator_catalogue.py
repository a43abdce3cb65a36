"""The operators that bench/operators times, at the shapes that the models of catalogue.py have."""

from catalogue import Row

BYTES = {"x0": (0, 256)}


def row(name, maker, *sizes, precision="fp32", **options):
    """`sizes` are the maker's parameters in their order, `options` those by name."""
    return Row(name, "operators", maker, "", {"sizes": sizes, "more": options}, BYTES, precision=precision)


def convolution(channels, size, out, kernel, **options):
    kind, width = ("depthwise", channels) if "groups" in options else ("conv", f"{channels}-{out}")
    step = f"-s{options['stride']}" if "stride" in options else ""
    name = f"{kind}-{kernel}x{kernel}{step}-{width}-at-{size}"
    return row(name, "convolution", (channels, size, size), out, kernel, **options)


ROWS = [
    convolution(64, 56, 64, 3),
    convolution(128, 28, 128, 3),
    convolution(256, 14, 256, 3),
    convolution(512, 7, 512, 3),
    convolution(128, 56, 128, 3, stride=2),
    convolution(64, 56, 256, 1),
    convolution(256, 56, 64, 1),
    convolution(1024, 14, 256, 1),
    convolution(512, 7, 2048, 1),
    convolution(3, 224, 64, 7, stride=2),
    convolution(3, 224, 32, 3, stride=2),
    convolution(3, 640, 16, 6, stride=2),
    convolution(32, 160, 32, 3),
    convolution(64, 80, 64, 3),
    convolution(16, 160, 64, 3),
    convolution(20, 80, 20, 3),
    convolution(16, 112, 96, 1),
    convolution(24, 28, 72, 1),
    convolution(72, 28, 24, 1),
    convolution(40, 28, 240, 1),
    convolution(672, 14, 112, 1),
    convolution(144, 56, 144, 3, groups=144),
    convolution(96, 112, 96, 3, stride=2, groups=96),
    convolution(72, 56, 72, 3, groups=72),
    convolution(240, 28, 240, 5, groups=240),
    convolution(672, 14, 672, 5, groups=672),
    row("transposed-2x2-24-at-160", "transposed_convolution", (24, 160, 160), 24, 2, 2),
    row("transposed-4x4-64-32-at-40", "transposed_convolution", (64, 40, 40), 32, 4, 2),
    row("matmul-512", "product", (512, 512), (512, 512)),
    row("matmul-1024", "product", (1024, 1024), (1024, 1024)),
    row("matmul-1-768-3072", "product", (1, 768), (768, 3072)),
    row("matmul-1-768-50257", "product", (1, 768), (768, 50257)),
    row("matmul-32-384-1536", "product", (1, 32, 384), (384, 1536)),
    row("matmul-32-768-768", "product", (1, 32, 768), (768, 768)),
    row("matmul-128-768-3072", "product", (1, 128, 768), (768, 3072)),
    row("matmul-128-3072-768", "product", (1, 128, 3072), (3072, 768)),
    row("matmul-384-768-768", "product", (1, 384, 768), (768, 768)),
    row("gemm-transposed-1-2048-1000", "gemm", (1, 2048), (1000, 2048), transB=1),
    row("gemm-transposed-128-768-768", "gemm", (128, 768), (768, 768), transB=1),
    row("matmul-batched-12-128-64-128", "of_inputs", "MatMul", ((1, 12, 128, 64), (1, 12, 64, 128))),
    row("matmul-batched-12-384-384-64", "of_inputs", "MatMul", ((1, 12, 384, 384), (1, 12, 384, 64))),
    row("attention-128", "of_inputs", "Attention", ((1, 12, 128, 64),) * 3),
    row("attention-384", "of_inputs", "Attention", ((1, 12, 384, 64),) * 3),
    row("attention-step-129", "of_inputs", "Attention", ((1, 12, 1, 64), (1, 12, 129, 64), (1, 12, 129, 64))),
    row("lstm-100-80-256", "recurrent", "LSTM", 100, 80, 256),
    row("gru-100-80-256", "recurrent", "GRU", 100, 80, 256),
    row("lstm-step-128-128", "recurrent", "LSTM", 1, 128, 128),
    row("layernorm-32-384", "layer_norm", (1, 32, 384)),
    row("layernorm-128-768", "layer_norm", (1, 128, 768)),
    row("layernorm-384-768", "layer_norm", (1, 384, 768)),
    row("softmax-12-128-128", "of_inputs", "Softmax", ((1, 12, 128, 128),), axis=-1),
    row("softmax-12-384-384", "of_inputs", "Softmax", ((1, 12, 384, 384),), axis=-1),
    row("relu-64-at-112", "of_inputs", "Relu", ((1, 64, 112, 112),)),
    row("add-256-at-56", "of_inputs", "Add", ((1, 256, 56, 56),) * 2),
    row("silu-64-at-80", "silu", (1, 64, 80, 80)),
    row("gelu-128-3072", "of_inputs", "Gelu", ((1, 128, 3072),)),
    row("chain-64-at-56", "chain", (1, 64, 56, 56)),
    row("transpose-heads-128-12-64", "of_inputs", "Transpose", ((1, 128, 12, 64),), perm=[0, 2, 1, 3]),
    row("transpose-768-196", "of_inputs", "Transpose", ((1, 768, 196),), perm=[0, 2, 1]),
    row("transpose-channels-last-64-at-56", "of_inputs", "Transpose", ((1, 64, 56, 56),), perm=[0, 2, 3, 1]),
    row("maxpool-3x3-s2-64-at-112", "of_inputs", "MaxPool", ((1, 64, 112, 112),), kernel_shape=[3, 3], strides=[2, 2],
        pads=[1, 1, 1, 1]),
    row("maxpool-5x5-128-at-20", "of_inputs", "MaxPool", ((1, 128, 20, 20),), kernel_shape=[5, 5], pads=[2, 2, 2, 2]),
    row("averagepool-2x2-s2-128-at-56", "of_inputs", "AveragePool", ((1, 128, 56, 56),), kernel_shape=[2, 2],
        strides=[2, 2]),
    row("globalaveragepool-2048-at-7", "of_inputs", "GlobalAveragePool", ((1, 2048, 7, 7),)),
    row("resize-nearest-128-at-40", "resize", (1, 128, 40, 40), "nearest", 2),
    row("resize-linear-64-at-80", "resize", (1, 64, 80, 80), "linear", 2),
    row("qlinearconv-3x3-64-64-at-56", "integer_convolution", (64, 56, 56), 64, 3, precision="int8"),
    row("qlinearconv-1x1-64-256-at-56", "integer_convolution", (64, 56, 56), 256, 1, precision="int8"),
    row("qlinearconv-depthwise-3x3-144-at-56", "integer_convolution", (144, 56, 56), 144, 3, groups=144,
        precision="int8"),
    row("qlinearmatmul-128-768-768", "integer_product", (128, 768), (768, 768), precision="int8"),
    row("matmulnbits-1-2048-2048", "few_bits_product", (1, 2048), 2048, 4, 32),
    row("matmulnbits-1-4096-4096", "few_bits_product", (1, 4096), 4096, 4, 32),
    row("matmulnbits-1-2048-8192", "few_bits_product", (1, 2048), 8192, 4, 32),
    row("matmulnbits-128-2048-2048", "few_bits_product", (128, 2048), 2048, 4, 32),
    row("matmulnbits-128-4096-4096", "few_bits_product", (128, 4096), 4096, 4, 32),
    row("gather-128-of-30522-384", "gather", 30522, 384, 128),
    row("concat-64-64-at-80", "of_inputs", "Concat", ((1, 64, 80, 80),) * 2, axis=1),
    row("slice-rows-32-at-160", "part", (1, 32, 160, 160), 0, 160, 2, 2),
    row("split-128-at-80", "halves", (1, 128, 80, 80), 1),
]

# Why a row is below 80 % of its roof, by a word of its name: what its kernel or a profile of one thread has shown.
REASONS = {
    "qlinearconv-3x3": "half is the product on tiles; the rest gathers taps and turns the layout",
    "qlinearmatmul": "the product on tiles itself, not what stands around it",
    "conv-6x6-s2-3-16": "16 outputs are one vector: half of the accumulators of 32, and each load feeds one product",
    "conv-7x7-s2-3-64": "a sixth turns the layout, three quarters are the product",
    "conv-3x3-s2-3-32": "two fifths are the product; the rest turns the layout and lists taps anew",
    "conv-3x3-s2-128": "a tenth turns the layout, the rest is the product",
    "conv-1x1": "the layout is turned before and after, here for one node: see the slowest step",
    "depthwise": "the layout is turned before and after, here for one node: see the slowest step",
    "transposed-2x2": "a product gives every tap's share; joining the shares into rows two apart takes longer than it",
    "transposed-4x4": "two thirds are the product; the rest packs the image, adds up and joins the shares of taps",
    "matmul-batched": "no weights: packing both sides in every run takes a quarter",
    "attention-step": "two products of a vector a head; rows of 256 bytes come from the second cache",
    "attention": "packing takes a tenth, the exponentials an eighth; products reach nine tenths of the peak",
    "lstm-100": "every step reads 1 MB of weights, which are counted once: 100 steps at L2's speed are 0.8 ms",
    "gru-100": "every step reads 0.8 MB of weights, which are counted once: 100 steps at L2's speed are 0.6 ms",
    "layernorm": "each row is read three times, from the first cache: mean, variance, result",
    "softmax": "an exponential takes a dozen operations and counts as one",
    "gelu": "the arithmetic of erf, which counts as one operation",
    "transpose-heads": "runs of 256 bytes, each a call of memcpy",
    "transpose": "blocks of 4 x 4: stores of 16 bytes, a quarter of a vector",
    "maxpool-5x5": "ten loads an output, by columns and then rows; a NaN costs two more steps each",
    "maxpool-3x3": "a stride of 2: splitting channels into even and odd columns takes longer than the pooling",
    "averagepool-2x2": "a stride of 2: splitting channels into even and odd columns takes longer than the pooling",
    "globalaveragepool": "2048 rows of 49: a part of a vector each, and a sum over lanes by fours",
    "resize-nearest": "a row is doubled element by element, the next one copied",
    "resize-linear": "compiled for SSE4.2 alone; the last axis gathers element by element, into a buffer of its own",
}  # the first that fits


def select(words):
    """The rows with one of `words` in their name; all without words."""
    chosen = [one for one in ROWS if not words or any(word in one.name for word in words)]
    if not chosen:
        raise SystemExit(f"--only {' '.join(words)}: expected a word of a row (bench/operators --list shows them)")
    return chosen


def reason(name):
    return next((why for word, why in REASONS.items() if word in name), None)
