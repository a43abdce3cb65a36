"""README.md and its translation say the same: commands, links, headings and the rows of the status table."""

import re
import unittest

from program import ROOT, atlas


def outline(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {
        "commands": [re.split(r"\s{2,}#|\s#\s", line)[0].rstrip() for block in blocks for line in block.splitlines()],
        "links": [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("README")],
        "headings": len(re.findall(r"^##? ", text, re.MULTILINE)),
        "rows": len(re.findall(r"^\|", text, re.MULTILINE)),
    }


class Readme(unittest.TestCase):
    maxDiff = None

    def test_the_translation_is_in_step(self):
        self.assertEqual(outline("README.md"), outline("README.zh-CN.md"))

    def test_links_lead_somewhere(self):
        for link in outline("README.md")["links"]:
            self.assertTrue((ROOT / link).is_file(), link)

    def test_its_commands_exist(self):
        for command in outline("README.md")["commands"]:
            words = command.split()
            if words[0] == "atlas":
                run = atlas(words[1], "--help")
                self.assertEqual(run.code, 0, command)


if __name__ == "__main__":
    unittest.main()
