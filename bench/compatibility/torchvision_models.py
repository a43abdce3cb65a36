"""The nets of torchvision, as they are published but for their weights."""

import torch
import torchvision

from case import Case, Model


def pictures(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + 100))


def classifier(name, side=128, fixed_side=True, **options):
    def make(_):
        torch.manual_seed(0)
        module = torchvision.models.get_model(name, weights=None, **options)

        def inputs(seed, size):
            height, width = (side, side) if fixed_side or size == 0 else (side + 32, side - 32)
            return {"image": pictures(seed, 1 if size else 2, 3, height, width)}

        axes = {0: "batch"} if fixed_side else {0: "batch", 2: "height", 3: "width"}
        return Case(module, inputs, {"image": axes})

    return make


def damp(module):
    """Weighs what residual blocks add by a third, about as trained nets do: at their published start rounding grows
    from block to block until PyTorch's own answers in f32 and f64 differ by 1e-4."""
    for block in module.modules():
        if isinstance(block, torchvision.models.resnet.Bottleneck):
            scale = block.bn3.weight
            scale.data = 0.3 + 0.03 * torch.randn(scale.shape)


class BeforeSuppression(torch.nn.Module):
    """A one-shot detector up to its scores and boxes as the head gives them."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, image):
        features = list(self.detector.backbone(image).values())
        return tuple(self.detector.head(features).values())


class TwoStages(torch.nn.Module):
    """Faster R-CNN up to the proposals' scores and shifts, and from given boxes to classes and refined boxes."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, image, boxes):
        features = self.detector.backbone(image)
        scores, shifts = self.detector.rpn.head(list(features.values()))
        heads = self.detector.roi_heads
        # As the detector does, the picture's size is that of the traced one.
        side = [(int(image.shape[2]), int(image.shape[3]))]
        pooled = heads.box_head(heads.box_roi_pool(features, [boxes], side))
        return (*scores, *shifts, *heads.box_predictor(pooled))


def one_shot(name, side):
    def make(_):
        torch.manual_seed(0)
        detector = torchvision.models.get_model(name, weights=None, weights_backbone=None)
        damp(detector)

        def inputs(seed, size):
            return {"image": pictures(seed, 1 if size else 2, 3, side, side)}

        return Case(BeforeSuppression(detector), inputs, {"image": {0: "batch"}})

    return make


def two_stages(name, side):
    def make(_):
        torch.manual_seed(0)
        detector = torchvision.models.get_model(name, weights=None, weights_backbone=None)

        def inputs(seed, size):
            count = 7 if size else 5
            corners = torch.rand(count, 2, generator=torch.Generator().manual_seed(seed)) * side / 2
            sides = torch.rand(count, 2, generator=torch.Generator().manual_seed(seed + 1)) * side / 3 + 8
            return {"image": pictures(seed, 1, 3, side, side), "boxes": torch.cat([corners, corners + sides], 1)}

        return Case(TwoStages(detector), inputs, {"boxes": {0: "boxes"}})

    return make


class Segmenter(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, image):
        return self.module(image)["out"]


def segmenter(name):
    def make(_):
        torch.manual_seed(0)
        module = torchvision.models.get_model(name, weights=None, weights_backbone=None)
        damp(module)

        def inputs(seed, size):
            return {"image": pictures(seed, 1 if size else 2, 3, *((128, 192) if size else (160, 128)))}

        return Case(Segmenter(module), inputs, {"image": {0: "batch", 2: "height", 3: "width"}})

    return make


def video(name, frames=8, side=64):
    def make(_):
        torch.manual_seed(0)
        module = torchvision.models.get_model(name, weights=None)

        def inputs(seed, size):
            return {"clip": pictures(seed, 1 if size else 2, 3, frames, side, side)}

        return Case(module, inputs, {"clip": {0: "batch"}})

    return make


CLASSIFICATION = [
    Model("alexnet", "classification", classifier("alexnet", 224)),
    Model("convnext_tiny", "classification", classifier("convnext_tiny")),
    Model("densenet121", "classification", classifier("densenet121")),
    Model("efficientnet_b0", "classification", classifier("efficientnet_b0")),
    Model("efficientnet_v2_s", "classification", classifier("efficientnet_v2_s")),
    Model("googlenet", "classification", classifier("googlenet", init_weights=False, aux_logits=False)),
    Model("inception_v3", "classification", classifier("inception_v3", 299, init_weights=False, aux_logits=False)),
    Model("maxvit_t", "classification", classifier("maxvit_t", 224)),
    Model("mnasnet1_0", "classification", classifier("mnasnet1_0")),
    Model("mobilenet_v2", "classification", classifier("mobilenet_v2")),
    Model("mobilenet_v3_large", "classification", classifier("mobilenet_v3_large")),
    Model("mobilenet_v3_small", "classification", classifier("mobilenet_v3_small", fixed_side=False)),
    Model("regnet_x_400mf", "classification", classifier("regnet_x_400mf")),
    Model("regnet_y_400mf", "classification", classifier("regnet_y_400mf")),
    Model("resnet18", "classification", classifier("resnet18", fixed_side=False)),
    Model("resnet50", "classification", classifier("resnet50")),
    Model("resnext50_32x4d", "classification", classifier("resnext50_32x4d")),
    Model("shufflenet_v2_x1_0", "classification", classifier("shufflenet_v2_x1_0")),
    Model("squeezenet1_1", "classification", classifier("squeezenet1_1", fixed_side=False)),
    Model("swin_t", "classification", classifier("swin_t")),
    Model("swin_v2_t", "classification", classifier("swin_v2_t")),
    Model("vgg11_bn", "classification", classifier("vgg11_bn", 224)),
    Model("vit_b_16", "classification", classifier("vit_b_16", image_size=128)),
]

DETECTION = [
    Model("fasterrcnn_mobilenet_v3_large_320_fpn", "detection, before NMS",
          two_stages("fasterrcnn_mobilenet_v3_large_320_fpn", 320), note="second stage on given boxes"),
    Model("fcos_resnet50_fpn", "detection, before NMS", one_shot("fcos_resnet50_fpn", 256)),
    Model("retinanet_resnet50_fpn", "detection, before NMS", one_shot("retinanet_resnet50_fpn", 256)),
    Model("ssd300_vgg16", "detection, before NMS", one_shot("ssd300_vgg16", 300)),
    Model("ssdlite320_mobilenet_v3_large", "detection, before NMS", one_shot("ssdlite320_mobilenet_v3_large", 320)),
]

SEGMENTATION = [
    Model("deeplabv3_mobilenet_v3_large", "segmentation", segmenter("deeplabv3_mobilenet_v3_large")),
    Model("fcn_resnet50", "segmentation", segmenter("fcn_resnet50")),
    Model("lraspp_mobilenet_v3_large", "segmentation", segmenter("lraspp_mobilenet_v3_large")),
    Model("deeplabv3_resnet50", "segmentation", segmenter("deeplabv3_resnet50")),
]

VIDEO = [
    Model("r3d_18", "video", video("r3d_18")),
    Model("r2plus1d_18", "video", video("r2plus1d_18")),
    Model("s3d", "video", video("s3d", 16, 224)),
    Model("swin3d_t", "video", video("swin3d_t", 4), note="64x64 pixels"),
]

MODELS = CLASSIFICATION + DETECTION + SEGMENTATION + VIDEO
