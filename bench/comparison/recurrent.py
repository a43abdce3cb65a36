"""Recurrent networks as PyTorch exports them: one ONNX node a layer."""

import torch

import torch_file


class First(torch.nn.Module):
    """Of what the layers give the sequence alone."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return self.layers(x)[0]


def net(path, kind, steps=100, features=80, width=256):
    torch.manual_seed(0)
    layers = getattr(torch.nn, kind)(features, width, num_layers=2, batch_first=True)
    torch_file.write(path, First(layers), {"features": torch.randn(1, steps, features)}, ["sequence"])
