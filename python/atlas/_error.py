"""The exception of the package."""


class Error(RuntimeError):
    """What Atlas refuses or fails at.

    The text is what the command line says: "where: expected X, got Y (what to do)".
    """

    code: str = ""
    """"invalid argument", "unsupported", "not found", "io", "resource exhausted", "cancelled", "deadline exceeded" or
    "internal"."""
