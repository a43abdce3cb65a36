"""8-bit forms by ONNX Runtime's static quantisation: QDQ, weights by channel."""

import catalogue
import inputs


class Calibration:
    """Ten random inputs."""

    def __init__(self, path, ranges):
        self.left = [inputs.of_file(path, seed, ranges, {}) for seed in range(100, 110)]

    def get_next(self):
        return self.left.pop() if self.left else None


def static(path, of):
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    source = path.with_name(f"{of}.onnx")
    if not source.exists():
        raise SystemExit(f"{path.name}: expected {source} (make it first: --only {of})")
    [row] = [row for row in catalogue.ROWS if row.name == of]
    prepared = path.with_suffix(".prepared")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_static(str(prepared), str(path), Calibration(source, row.ranges), quant_format=QuantFormat.QDQ,
                    per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    prepared.unlink()
