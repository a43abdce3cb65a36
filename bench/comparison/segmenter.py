"""Nested U-nets in the manner of ISNet and U2-Net: every stage is a small U-net, resized and joined on its way up."""

import torch
from torch import nn
from torch.nn.functional import interpolate

import torch_file

# Stage: (levels inside, width in, width inside, width out). Those of 0 levels dilate instead of pooling.
DOWN = ((7, 64, 32, 64), (6, 64, 32, 128), (5, 128, 64, 256), (4, 256, 128, 512), (0, 512, 256, 512),
        (0, 512, 256, 512))
UP = ((0, 1024, 256, 512), (4, 1024, 128, 256), (5, 512, 64, 128), (6, 256, 32, 64), (7, 128, 16, 64))


def conv(c_in, c_out, dilation=1):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, padding=dilation, dilation=dilation), nn.BatchNorm2d(c_out),
                         nn.ReLU())


def sized(x, like):
    return interpolate(x, size=[int(n) for n in like.shape[2:]], mode="bilinear", align_corners=False)


class Stage(nn.Module):
    def __init__(self, levels, c_in, inner, c_out):
        super().__init__()
        dilations = [1] * (levels - 1) + [2] if levels else [1, 2, 4, 8]
        self.pools = levels > 0
        self.enter, self.pool = conv(c_in, c_out), nn.MaxPool2d(2, 2, ceil_mode=True)
        self.down = nn.ModuleList(conv(inner if i else c_out, inner, d) for i, d in enumerate(dilations))
        self.up = nn.ModuleList(conv(2 * inner, inner if i else c_out, d) for i, d in enumerate(dilations[:-1]))

    def forward(self, x):
        x = entered = self.enter(x)
        kept = []
        for i, step in enumerate(self.down):
            if self.pools and 0 < i < len(self.down) - 1:
                x = self.pool(x)
            x = step(x)
            kept.append(x)
        for step, beside in zip(reversed(self.up), reversed(kept[:-1])):
            x = step(torch.cat([sized(x, beside) if self.pools else x, beside], 1))
        return x + entered


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.pool = nn.Conv2d(3, 64, 3, 2, 1), nn.MaxPool2d(2, 2, ceil_mode=True)
        self.down = nn.ModuleList(Stage(*sizes) for sizes in DOWN)
        self.up = nn.ModuleList(Stage(*sizes) for sizes in UP)
        self.mask = nn.Conv2d(64, 1, 3, padding=1)

    def forward(self, image):
        x, kept = self.stem(image), []
        for i, stage in enumerate(self.down):
            x = stage(self.pool(x) if i else x)
            kept.append(x)
        for stage, beside in zip(self.up, reversed(kept[:-1])):
            x = stage(torch.cat([sized(x, beside), beside], 1))
        return sized(self.mask(x), image).sigmoid()


def nested(path, net, side=320):
    torch.manual_seed(0)
    torch_file.write(path, Nested(), {"image": torch.randn(1, 3, side, side)})
