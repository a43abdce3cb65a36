"""Boosted trees of LightGBM on made-up data, for a table of 100 rows."""

import lightgbm
import numpy as np
from onnxmltools.convert import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

ROWS, COLUMNS, LEAVES = 100, 30, 63


def boosted(path, trees):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5000, COLUMNS)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + x[:, 3:].clip(0).sum(1) + 0.1 * rng.standard_normal(len(x))
    model = lightgbm.LGBMRegressor(n_estimators=trees, num_leaves=LEAVES, n_jobs=1, random_state=0, verbose=-1)
    model.fit(x, y)
    made = convert_lightgbm(model, initial_types=[("table", FloatTensorType([ROWS, COLUMNS]))], target_opset=15)
    path.write_bytes(made.SerializeToString())
