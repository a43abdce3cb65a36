"""The command line program that the package brings along."""

import os
import pathlib
import sys


def main() -> None:
    """Becomes `atlas` with the same arguments."""
    program = pathlib.Path(__file__).parent / "bin" / "atlas"
    if not program.is_file():
        sys.exit(f"atlas: {program} is missing (the program stands in the build folder where the package was built)")
    os.execv(program, [str(program), *sys.argv[1:]])
