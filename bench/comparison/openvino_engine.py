"""OpenVINO: tuned for latency on one stream, arrays shared; pinning and precision as the setting says."""

import openvino


class Engine:
    def __init__(self, model, inputs, threads, setting):
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            "ENABLE_CPU_PINNING": bool(setting.get("pin")),
        }
        if not setting.get("own_precision"):  # which is bf16 where the processor has it
            options["INFERENCE_PRECISION_HINT"] = "f32"
        self.compiled = openvino.Core().compile_model(model, "CPU", options)
        self.request = self.compiled.create_infer_request()
        self.set_inputs(inputs)

    def set_inputs(self, inputs):
        for port in self.compiled.inputs:
            [name] = port.names & inputs.keys()
            self.request.set_tensor(port, openvino.Tensor(inputs[name], shared_memory=True))

    def run(self):
        self.request.infer()
        return [self.request.get_output_tensor(i).data for i in range(len(self.compiled.outputs))]
