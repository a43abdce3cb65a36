"""Exports a Case through one of PyTorch's exporters, its random weights such that outputs depend on inputs."""

import torch

from case import Case


class Positional(torch.nn.Module):
    """A module that is called with keywords, as a function of a list of tensors; gives the tensors of its output."""

    takes_list = True

    def __init__(self, module, names, fixed=None):
        super().__init__()
        self.module, self.names, self.fixed = module, names, fixed or {}

    def forward(self, *values):
        return tensors(self.module(**dict(zip(self.names, values)), **self.fixed))


def tensors(value):
    """All tensors in nested lists, dictionaries and model outputs, in order."""
    if isinstance(value, torch.Tensor):
        return (value,)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return ()
    return tuple(tensor for part in value for tensor in tensors(part))


def enliven(case: Case, seed=11):
    """Gives weights that are all alike (scales of 1, biases of 0, layer scales of 1e-6) values of their own, and
    batch normalisations the statistics of real activations: else deep random nets answer the same to everything."""
    generator = torch.Generator().manual_seed(seed)
    for weight in case.module.parameters():
        flat = weight.detach().flatten()
        if len(flat) < 2 or not torch.is_floating_point(flat) or not bool((flat == flat[0]).all()):
            continue
        noise = torch.randn(weight.shape, generator=generator)
        level = float(flat[0])
        scale, centre = (0.1, 1.0) if abs(level) > 0.01 else (0.1, 0.3 if level else 0.0)
        weight.data = centre + scale * noise
    norms = [m for m in case.module.modules() if getattr(m, "running_var", None) is not None]
    hooks = [norm.register_forward_pre_hook(take_statistics) for norm in norms]
    if norms:
        case.module(*case.inputs(0, 0).values())
    for hook in hooks:
        hook.remove()
    case.module.eval()
    # What a module computes by its own attribute `training` alone follows, too.
    for module in case.module.modules():
        module.training = False


def take_statistics(norm, inputs):
    """Sets a normalisation to the mean and the variance that it meets."""
    values = inputs[0].transpose(0, 1).flatten(1)
    norm.running_mean.copy_(values.mean(1))
    norm.running_var.copy_(values.var(1))


def dimensions(case, names):
    """Sizes that may change, for the dynamo exporter: those of one name are one."""
    sizes = {}
    shapes = []
    for name in names:
        axes = case.dynamic.get(name, {})
        shapes.append({axis: sizes.setdefault(size, torch.export.Dim(size)) for axis, size in axes.items()} or None)
    return tuple(shapes)


def export(case: Case, exporter, opset, path):
    example = case.inputs(0, 0)
    names = list(example)
    arguments = tuple(example.values())
    if exporter == "TorchScript":
        # It knows no fused attention.
        torch.backends.mha.set_fastpath_enabled(False)
        torch.onnx.export(
            case.module,
            arguments,
            path,
            dynamo=False,
            opset_version=opset,
            input_names=names,
            dynamic_axes=case.dynamic or None,
        )
        return
    def dynamo(shapes):
        # Of a module that takes a list, that is one parameter.
        nested = (shapes,) if getattr(case.module, "takes_list", False) else shapes
        torch.onnx.export(
            case.module,
            arguments,
            path,
            dynamo=True,
            opset_version=opset,
            input_names=names,
            dynamic_shapes=nested if case.dynamic else None,
        )

    try:
        dynamo(dimensions(case, names))
    except Exception as error:
        # Sizes that the model ties together or fixes: the exporter finds out which.
        if not case.dynamic or "onstraint" not in str(error) + str(error.__cause__):
            raise
        dynamo(tuple({axis: torch.export.Dim.AUTO for axis in case.dynamic.get(name, {})} or None for name in names))
