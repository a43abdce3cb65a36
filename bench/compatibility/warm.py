"""Imported once by the process that rows are forked from: what PyTorch's exporters look up at their first use, they
keep, which takes longer than the export of a small net."""

import tempfile

import torch

# Threads would not live on in what is forked.
torch.set_num_threads(1)
with tempfile.TemporaryDirectory() as folder, torch.no_grad():
    torch.onnx.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),), f"{folder}/model.onnx", dynamo=True, verbose=False)
