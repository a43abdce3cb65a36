"""EfficientNet-Lite0 (Tan and Le 2019, without squeezing and with ReLU6), its parts named as its checkpoint names them."""

import torch
from torch import nn

import torch_file
from zoo_models import fetched

# Of each stage: blocks, kernel, stride of the first, expansion, width.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))


class Same(nn.Conv2d):
    """Pads as TensorFlow's SAME; sides are even wherever the stride is 2."""

    def forward(self, x):
        total = self.kernel_size[0] - self.stride[0]
        first = total // 2
        padding = (first, total - first)
        return super().forward(nn.functional.pad(x, padding * 2) if total else x)


def convolution(c_in, c_out, kernel=1, stride=1, groups=1):
    return Same(c_in, c_out, kernel, stride, groups=groups, bias=False)


class Block(nn.Module):
    def __init__(self, c_in, c_out, kernel, stride, expansion):
        super().__init__()
        inner = c_in * expansion
        self.expands, self.keeps = expansion > 1, stride == 1 and c_in == c_out
        if self.expands:
            self._expand_conv, self._bn0 = convolution(c_in, inner), nn.BatchNorm2d(inner, 1e-3)
        self._depthwise_conv = convolution(inner, inner, kernel, stride, inner)
        self._bn1 = nn.BatchNorm2d(inner, 1e-3)
        self._project_conv, self._bn2 = convolution(inner, c_out), nn.BatchNorm2d(c_out, 1e-3)

    def forward(self, x):
        y = nn.functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = nn.functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.keeps else y


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self._conv_stem, self._bn0 = convolution(3, 32, 3, 2), nn.BatchNorm2d(32, 1e-3)
        blocks, c = [], 32
        for count, kernel, stride, expansion, width in STAGES:
            for i in range(count):
                blocks.append(Block(c, width, kernel, 1 if i else stride, expansion))
                c = width
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = convolution(c, 1280), nn.BatchNorm2d(1280, 1e-3)
        self._fc = nn.Linear(1280, 1000)

    def forward(self, image):
        x = nn.functional.relu6(self._bn0(self._conv_stem(image)))
        for block in self._blocks:
            x = block(x)
        x = nn.functional.relu6(self._bn1(self._conv_head(x)))
        return self._fc(x.mean((2, 3)))


def network(path):
    module = Network()
    module.load_state_dict(torch.load(fetched("efficientnet-lite0", ".pth"), weights_only=True))
    torch_file.export(path, module, {"image": torch.randn(1, 3, 224, 224)})
