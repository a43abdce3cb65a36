"""The code in the documents: fenced blocks, each with its language and, where it is a file, that file's name."""

import re
from dataclasses import dataclass

from program import ROOT

FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    language: str
    file: str  # "" where the block is no file
    text: str


def blocks(name):
    """The blocks of docs/NAME, in order."""
    return [Block(*found) for found in FENCE.findall((ROOT / "docs" / name).read_text())]
