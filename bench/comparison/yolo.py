"""YOLOv5 and YOLOv8 as their papers and published configurations describe them, boxes decoded, without suppression.

Written from the descriptions of the layers alone; shares no code with their authors' packages."""

import torch
from torch import nn

import torch_file

SIDE, CLASSES, STRIDES = 640, 80, (8, 16, 32)
ANCHORS = (((10, 13), (16, 30), (33, 23)), ((30, 61), (62, 45), (59, 119)), ((116, 90), (156, 198), (373, 326)))
BINS = 16  # in which YOLOv8 tells the distance to an edge


def conv(c_in, c_out, kernel=1, stride=1, padding=None):
    padding = kernel // 2 if padding is None else padding
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, stride, padding, bias=False),
                         nn.BatchNorm2d(c_out, eps=1e-3), nn.SiLU())


class Bottleneck(nn.Module):
    def __init__(self, c, shortcut, first):
        super().__init__()
        self.steps, self.shortcut = nn.Sequential(conv(c, c, first), conv(c, c, 3)), shortcut

    def forward(self, x):
        return x + self.steps(x) if self.shortcut else self.steps(x)


class C3(nn.Module):
    """Two branches of half the width, one through the bottlenecks."""

    def __init__(self, c_in, c_out, count, shortcut=True):
        super().__init__()
        half = c_out // 2
        self.left, self.right, self.join = conv(c_in, half), conv(c_in, half), conv(2 * half, c_out)
        self.steps = nn.Sequential(*(Bottleneck(half, shortcut, 1) for _ in range(count)))

    def forward(self, x):
        return self.join(torch.cat([self.steps(self.left(x)), self.right(x)], 1))


class C2f(nn.Module):
    """Keeps what every bottleneck gives."""

    def __init__(self, c_in, c_out, count, shortcut=True):
        super().__init__()
        half = c_out // 2
        self.split, self.join = conv(c_in, 2 * half), conv((2 + count) * half, c_out)
        self.steps = nn.ModuleList(Bottleneck(half, shortcut, 3) for _ in range(count))

    def forward(self, x):
        parts = list(self.split(x).chunk(2, 1))
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.join(torch.cat(parts, 1))


class Pyramid(nn.Module):
    """Spatial pyramid pooling by three poolings in a row."""

    def __init__(self, c):
        super().__init__()
        self.enter, self.leave, self.pool = conv(c, c // 2), conv(2 * c, c), nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class Body(nn.Module):
    """Backbone and the two ways through the feature pyramid; gives features at strides 8, 16 and 32."""

    def __init__(self, version, depth, width):
        super().__init__()
        five = version == "v5"
        block = C3 if five else C2f
        c = [int(size * width) for size in (64, 128, 256, 512, 1024)]
        n = [max(1, round(count * depth)) for count in ((3, 6, 9, 3) if five else (3, 6, 6, 3))]
        self.five, self.widths = five, c[2:]
        self.stem = conv(3, c[0], 6, 2, 2) if five else conv(3, c[0], 3, 2)
        self.down = nn.ModuleList(conv(c[i], c[i + 1], 3, 2) for i in range(4))
        self.stages = nn.ModuleList(block(c[i + 1], c[i + 1], n[i]) for i in range(4))
        self.pyramid, self.up = Pyramid(c[4]), nn.Upsample(scale_factor=2)
        last = n[3]
        # v5 narrows before it goes up and joins the narrowed on the way down, v8 joins as it is.
        narrow4, narrow3 = (c[3], c[2]) if five else (c[4], c[3])
        self.narrow4 = conv(c[4], c[3]) if five else nn.Identity()
        self.narrow3 = conv(c[3], c[2]) if five else nn.Identity()
        self.up3 = block(narrow4 + c[3], c[3], last, False)
        self.up2 = block(narrow3 + c[2], c[2], last, False)
        self.down2, self.down3 = conv(c[2], c[2], 3, 2), conv(c[3], c[3], 3, 2)
        self.out3 = block(c[2] + narrow3, c[3], last, False)
        self.out4 = block(c[3] + narrow4, c[4], last, False)

    def forward(self, x):
        x = self.stem(x)
        kept = []
        for down, stage in zip(self.down, self.stages):
            x = stage(down(x))
            kept.append(x)
        top = self.narrow4(self.pyramid(x))
        middle = self.narrow3(self.up3(torch.cat([self.up(top), kept[2]], 1)))
        low = self.up2(torch.cat([self.up(middle), kept[1]], 1))
        middle = self.out3(torch.cat([self.down2(low), middle], 1))
        return low, middle, self.out4(torch.cat([self.down3(middle), top], 1))


def cells(stride):
    """Column and row of each cell of a map."""
    side = torch.arange(SIDE // stride, dtype=torch.float32)
    rows, columns = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([columns, rows])


class AnchorHead(nn.Module):
    """YOLOv5: at each cell three anchors with x, y, width, height, whether there is something, and what."""

    def __init__(self, widths):
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(c, 3 * (5 + CLASSES), 1) for c in widths)

    def forward(self, features):
        found = []
        for head, x, stride, anchors in zip(self.heads, features, STRIDES, ANCHORS):
            side = SIDE // stride
            y = head(x).view(1, 3, 5 + CLASSES, side, side).permute(0, 1, 3, 4, 2).sigmoid()
            grid = cells(stride).permute(1, 2, 0)
            sizes = torch.tensor(anchors, dtype=torch.float32).view(1, 3, 1, 1, 2)
            place = (y[..., 0:2] * 2 + (grid - 0.5)) * stride
            size = (y[..., 2:4] * 2) ** 2 * sizes
            found.append(torch.cat([place, size, y[..., 4:]], 4).view(1, -1, 5 + CLASSES))
        return torch.cat(found, 1)


class EdgeHead(nn.Module):
    """YOLOv8: at each cell the distances to four edges, as an expectation over bins, and what it is."""

    def __init__(self, widths):
        super().__init__()
        box, kind = max(16, widths[0] // 4, 4 * BINS), max(widths[0], min(CLASSES, 100))

        def branch(c, inner, outer):
            return nn.Sequential(conv(c, inner, 3), conv(inner, inner, 3), nn.Conv2d(inner, outer, 1))

        self.boxes = nn.ModuleList(branch(c, box, 4 * BINS) for c in widths)
        self.kinds = nn.ModuleList(branch(c, kind, CLASSES) for c in widths)
        self.expectation = nn.Conv2d(BINS, 1, 1, bias=False)
        self.expectation.weight.data = torch.arange(BINS, dtype=torch.float32).view(1, BINS, 1, 1)

    def forward(self, features):
        maps = [torch.cat([box(x), kind(x)], 1).flatten(2)
                for box, kind, x in zip(self.boxes, self.kinds, features)]
        edges, kinds = torch.cat(maps, 2).split((4 * BINS, CLASSES), 1)
        edges = self.expectation(edges.view(1, 4, BINS, -1).transpose(1, 2).softmax(1)).view(1, 4, -1)
        grid = torch.cat([cells(stride).flatten(1) + 0.5 for stride in STRIDES], 1)
        strides = torch.cat([torch.full(((SIDE // stride) ** 2,), float(stride)) for stride in STRIDES])
        first, second = grid - edges[:, :2], grid + edges[:, 2:]
        boxes = torch.cat([(first + second) / 2, second - first], 1) * strides
        return torch.cat([boxes, kinds.sigmoid()], 1)


def detector(path, net, depth, width):
    torch.manual_seed(0)
    body = Body(net, depth, width)
    head = (AnchorHead if net == "v5" else EdgeHead)(body.widths)
    torch_file.write(path, nn.Sequential(body, head), {"image": torch.randn(1, 3, SIDE, SIDE)})
