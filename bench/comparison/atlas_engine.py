"""Atlas, by its Python package."""

import atlas


class Engine:
    def __init__(self, model, inputs, threads, setting):
        self.session = atlas.Session(model, threads=threads, precision=setting.get("precision", "f32"))
        self.set_inputs(inputs)

    def set_inputs(self, inputs):
        self.arrays = [inputs[port.name] for port in self.session.inputs]

    def run(self):
        return self.session.run(*self.arrays)
