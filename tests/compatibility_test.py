"""What bench/compatibility calls equal; its exports need packages that tests do not."""

import math
import sys
import unittest

import numpy as np

from program import ROOT

sys.path.insert(0, str(ROOT / "bench/compatibility"))

import report
import row


class Compatibility(unittest.TestCase):
    def test_errors_are_parts_of_the_largest_value(self):
        self.assertAlmostEqual(row.difference(np.array([1.0, 98.0]), np.array([2.0, -100.0])), 1.98)
        self.assertEqual(row.difference(np.zeros(2), np.zeros(2)), 0)
        self.assertEqual(row.difference(np.array([0.5]), np.array([0.0])), 0.5)
        self.assertEqual(row.difference(np.zeros((0, 2)), np.zeros((0, 2))), 0)

    def test_shapes_words_and_what_is_not_finite_must_be_the_same(self):
        for got, expected in [
            (np.zeros((2, 1)), np.zeros(2)),
            (np.array([1, 2]), np.array([1, 3])),
            (np.array(["a"]), np.array(["b"])),
            (np.array([math.inf, 1.0]), np.array([-math.inf, 1.0])),
            (np.array([1.0, 1.0]), np.array([math.nan, 1.0])),
        ]:
            self.assertEqual(row.difference(got, expected), math.inf, (got, expected))
        same = np.array([math.nan, math.inf, 1.0])
        self.assertEqual(row.difference(same, same.copy()), 0)

    def test_the_output_that_differs_least_says_whether_outputs_vary(self):
        self.assertEqual(row.varies([np.array([1.0]), np.array([2.0])], [np.array([1.0]), np.array([4.0])]), 0)
        self.assertEqual(row.varies([np.array([1.0]), np.array([7])], [np.array([2.0]), np.array([7])]), 1)
        self.assertEqual(row.varies([np.array(["a"])], [np.array(["b"])]), 1)

    def test_maps_are_keys_and_values(self):
        keys, values = row.flat([{"good": 0.25, "bad": 0.75}])
        self.assertEqual((keys.tolist(), values.tolist()), (["good", "bad"], [0.25, 0.75]))

    def test_a_line_names_what_ran_by_reference(self):
        made = {"model": "m", "exporter": "dynamo", "asked_opset": 20, "result": "equal", "error": 2e-7, "nodes": 3}
        self.assertEqual(
            report.line(made | {"fallbacks": {"Einsum": 2}}),
            "| m | dynamo | 20 | 3 | equal | 2e-07 | by reference: Einsum (2) |",
        )


if __name__ == "__main__":
    unittest.main()
