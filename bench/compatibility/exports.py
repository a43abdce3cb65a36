"""The models of the table, and at which opsets each goes through which exporter."""

import importlib

CATALOGUES = ("torchvision_models", "transformers_models", "table_models")
# Each model goes through TorchScript at one of these in turn, through dynamo at the first of its own, and one model of
# EVERY through dynamo at one of the others too.
TORCHSCRIPT = (17, 13, 20, 15, 11)
NOT_AT_11 = ("rt_detr", "siglip")  # made of operators that TorchScript has from opset 12 or 13 on
DYNAMO = (20, (18, 23, 21, 24, 22, 25))
EVERY = 10


def models():
    return [model for name in CATALOGUES for model in importlib.import_module(name).MODELS]


def find(name):
    # Looks into one catalogue after the other, so that what needs no transformers does not wait for them.
    for catalogue in CATALOGUES:
        for model in importlib.import_module(catalogue).MODELS:
            if model.name == name:
                return model
    raise SystemExit(f"{name}: expected a model of the catalogue (see --list)")


def opsets(model, number, exporter):
    """At which opsets the model of that number in the catalogue is exported."""
    if exporter == "TorchScript":
        opset = TORCHSCRIPT[number % len(TORCHSCRIPT)]
        return (17 if opset == 11 and model.name in NOT_AT_11 else opset,)
    if exporter == "dynamo":
        always, others = DYNAMO
        return (always,) if number % EVERY else (always, others[number // EVERY % len(others)])
    return model.opsets


def rows():
    """(model, exporter, opset) of every row."""
    return [
        (model, exporter, opset)
        for number, model in enumerate(models())
        for exporter in model.exporters
        for opset in opsets(model, number, exporter)
    ]
