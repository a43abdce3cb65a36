"""What holds for every command: versions, help, exit codes, one-line errors."""

import json
import unittest

from program import ROOT, atlas


class CommandLine(unittest.TestCase):
    def test_version_is_that_of_the_project(self):
        text = (ROOT / "CMakeLists.txt").read_text()
        version = text.split("project(atlas VERSION ")[1].split()[0]
        self.assertEqual(atlas("--version").output, f"atlas {version}\n")

    def test_starts_in_less_than_50_ms(self):
        self.assertLess(min(atlas("--version").seconds for _ in range(10)), 0.05)

    def test_help_names_every_command_and_each_has_its_own(self):
        run = atlas("--help")
        self.assertEqual(run.code, 0)
        lines = run.output.split("Commands:\n")[1].split("\n\n")[0].splitlines()
        names = [line.split()[0] for line in lines]
        self.assertIn("doctor", names)
        for name in names:
            with self.subTest(name):
                run = atlas(name, "--help")
                self.assertEqual(run.code, 0)
                self.assertIn(f"atlas {name}", run.output)

    def test_wrong_use_is_one_line_and_exit_code_2(self):
        for arguments in ([], ["no-such-command"], ["doctor", "--no-such-option"], ["doctor", "surplus"]):
            with self.subTest(arguments):
                run = atlas(*arguments)
                self.assertEqual(run.code, 2)
                self.assertEqual(run.output, "")
                self.assertTrue(run.error.startswith("atlas: "), run.error)
                self.assertEqual(run.error.count("\n"), 1)

    def test_doctor_describes_the_machine(self):
        self.assertIn("processor", atlas("doctor").output)
        report = json.loads(atlas("doctor", "--json").output)
        self.assertGreaterEqual(report["cpu"]["available_cpus"], 1)
        self.assertGreater(report["memory"]["bytes"], 0)


if __name__ == "__main__":
    unittest.main()
