"""Writes a module of PyTorch as an ONNX file of fixed sizes."""

import torch
from case import Case
from torch_export import enliven

OPSET = 17


def export(path, module, inputs, outputs=None):
    torch.backends.mha.set_fastpath_enabled(False)  # TorchScript knows no fused attention
    with torch.no_grad():
        torch.onnx.export(module.eval(), tuple(inputs.values()), str(path), dynamo=False, opset_version=OPSET,
                          input_names=list(inputs), output_names=outputs)


def write(path, module, inputs, outputs=None):
    """Of random weights: made such that outputs vary with the input, batch normalisations by what `inputs` bring."""
    with torch.no_grad():
        enliven(Case(module, lambda seed, size: inputs))
    export(path, module, inputs, outputs)
