"""The models of the table, and at which opsets each goes through which exporter."""

import importlib

CATALOGUES = ("torchvision_models", "transformers_models", "table_models")
# Every model at the first of these, and at one of the others in turn, so that all are met in every family.
OPSETS = {"TorchScript": (17, (11, 13, 15, 20)), "dynamo": (20, (18, 21, 22, 23, 24, 25))}


def models():
    return [model for name in CATALOGUES for model in importlib.import_module(name).MODELS]


def find(name):
    # Looks into one catalogue after the other, so that what needs no transformers does not wait for them.
    for catalogue in CATALOGUES:
        for model in importlib.import_module(catalogue).MODELS:
            if model.name == name:
                return model
    raise SystemExit(f"{name}: expected a model of the catalogue (see --list)")


def rows():
    """(model, exporter, opset) of every row."""
    found = []
    for i, model in enumerate(models()):
        for exporter in model.exporters:
            if exporter not in OPSETS:
                found += [(model, exporter, opset) for opset in model.opsets]
                continue
            always, others = OPSETS[exporter]
            found += [(model, exporter, always), (model, exporter, others[i % len(others)])]
    return found
