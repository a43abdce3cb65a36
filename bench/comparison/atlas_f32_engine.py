"""Atlas in f32, as a rival of itself in a lower precision."""

from atlas_engine import Engine

__all__ = ["Engine"]
