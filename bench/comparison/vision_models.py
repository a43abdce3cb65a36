"""Classifiers of torchvision, at the size that they are published for."""

import torch
import torchvision

import torch_file
from torchvision_models import damp


def classifier(path, net, side=224):
    torch.manual_seed(0)
    module = torchvision.models.get_model(net, weights=None)
    damp(module)
    torch_file.write(path, module, {"image": torch.randn(1, 3, side, side)})
