"""The models that bench/compare times: where each comes from, what goes in, how equal answers have to be.

A model is one file, the same for every engine; bench/make_models writes them all, sizes fixed but for `shapes`."""

from dataclasses import dataclass, field, replace

# Bounds on the largest difference from the reference, in parts of the output's largest value.
F32_BOUND = 1e-3
INT8_BOUND = 0.15  # rounding that differs by one step early moves a random network's outputs this far


@dataclass(frozen=True)
class Row:
    name: str  # of the row, and of its file
    family: str
    maker: str  # "module:function", in this folder
    about: str  # where architecture and weights come from
    options: dict = field(default_factory=dict)  # of the maker
    ranges: dict = field(default_factory=dict)  # input -> (lowest, highest + 1) of whole numbers; others are normal
    shapes: dict = field(default_factory=dict)  # input -> sizes, where the file leaves them open
    precision: str = "fp32"
    model: str = ""  # whose file it is, where not its own

    @property
    def bound(self):
        return {"fp32": F32_BOUND, "bf16": BF16_BOUND, "int8": INT8_BOUND}[self.precision]

    @property
    def file(self):
        return f"{self.model or self.name}.onnx"


BF16_BOUND = 0.03  # typical instead of largest: measure.py
PRECISIONS = ("fp32", "bf16", "int8")
TORCHVISION = "torchvision's architecture, random weights"
OURS = "its published architecture written anew, random weights"
TRANSFORMERS = "transformers' architecture, random weights"
TOKENS = {"input_ids": (1000, 30000), "attention_mask": (1, 2)}


def vision(name, function, net, about=TORCHVISION, **options):
    return Row(name, "pictures", f"{function}", about, {"net": net, **options})


def encoder(name, size, tokens):
    options = {"size": size, "tokens": tokens}
    return Row(f"{name}-{tokens}", "text", "text_models:encoder", TRANSFORMERS, options, TOKENS)


def trees(count):
    return Row(f"trees-{count}", "tables", "tree_models:boosted", "LightGBM, trained on made-up data", {"trees": count})


def quantised(name, of, **more):
    return Row(name, "8 bits", "quantised:static", f"{of} by ONNX Runtime's static quantisation, QDQ", {"of": of},
               precision="int8", **more)


NET, YOLO = "vision_models:classifier", "yolo:detector"
ROWS = [
    vision("resnet18", NET, "resnet18"),
    vision("resnet50", NET, "resnet50"),
    vision("mobilenet-v2", NET, "mobilenet_v2"),
    vision("mobilenet-v3-small", NET, "mobilenet_v3_small"),
    Row("efficientnet-lite0", "pictures", "efficientnet_lite:network", "the zoo: trained weights"),
    vision("efficientnet-b0", NET, "efficientnet_b0"),
    vision("densenet121", NET, "densenet121"),
    vision("vit-b-16", NET, "vit_b_16"),
    vision("yolov5n", YOLO, "v5", OURS, depth=1 / 3, width=1 / 4),
    vision("yolov5s", YOLO, "v5", OURS, depth=1 / 3, width=1 / 2),
    vision("yolov8n", YOLO, "v8", OURS, depth=1 / 3, width=1 / 4),
    vision("segmenter", "segmenter:nested", "isnet", "nested U-nets with Resize like ISNet, random weights"),
    Row("ppocr-det", "pictures", "zoo_models:ppocr", "the zoo: trained weights", {"part": "det", "size": (640, 640)}),
    Row("ppocr-rec", "pictures", "zoo_models:ppocr", "the zoo: trained weights", {"part": "rec", "size": (48, 320)}),
    *(encoder("bert-base", "base", tokens) for tokens in (32, 128, 384)),
    *(encoder("minilm", "mini", tokens) for tokens in (32, 128, 384)),
    Row("gpt2-prefill-128", "text", "text_models:gpt2", TRANSFORMERS, {"new": 128, "past": 0}, TOKENS),
    Row("gpt2-step-128", "text", "text_models:gpt2", TRANSFORMERS, {"new": 1, "past": 128}, TOKENS),
    Row("silero-vad", "sound", "zoo_models:silero", "the zoo: trained weights", ranges={"sr": (16000, 16001)},
        shapes={"input": [1, 512], "state": [2, 1, 128]}),
    Row("lstm", "sound", "recurrent:net", "2 layers, 256 wide, 100 steps, random weights", {"kind": "LSTM"}),
    Row("gru", "sound", "recurrent:net", "2 layers, 256 wide, 100 steps, random weights", {"kind": "GRU"}),
    trees(100),
    trees(1000),
    quantised("resnet50-int8", "resnet50"),
    quantised("mobilenet-v2-int8", "mobilenet-v2"),
    quantised("bert-base-128-int8", "bert-base-128", ranges=TOKENS),
]
QUICK = ("mobilenet-v2", "ppocr-rec", "minilm-32", "silero-vad", "trees-100", "mobilenet-v2-int8")


# The models of f32 again, with the factors of products rounded to bfloat16.
ROWS += [replace(row, name=f"{row.name}-bf16", family="bf16", precision="bf16", model=row.name)
         for row in ROWS if row.precision == "fp32" and row.family != "tables"]


def select(words, quick=False, precisions=PRECISIONS):
    """The rows with one of `words` in their name or family; all without words."""
    rows = [row for row in ROWS if (not quick or row.name in QUICK) and row.precision in precisions]
    chosen = [row for row in rows if not words or any(word in f"{row.name} {row.family}" for word in words)]
    if not chosen:
        raise SystemExit(f"--only {' '.join(words)}: expected a word of a row (bench/compare --list shows them)")
    return chosen
