"""Recipes: from photos and files to answers."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from atlas import _core
from atlas._core import recipes

__all__ = ["Recipe", "Result", "recipe", "recipes"]


class Result:
    """What a recipe found in one input.

    The members of its answer, which docs/recipes.md lists for each task, are attributes: result.lines[0].text. Besides:
    """

    def __init__(self, found: _core.RecipeResult) -> None:
        self._found = found
        self.answer = json.loads(found.json, object_hook=lambda members: SimpleNamespace(**members))
        """All members together."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.answer, name)

    def to_dict(self) -> dict[str, Any]:
        """The answer as dicts, lists, numbers and strings: what `atlas run --json` writes."""
        members: dict[str, Any] = json.loads(self._found.json)
        return members

    def picture(self) -> Any:
        """The picture with what was found drawn on it, uint8 [height, width, 3]; see atlas.write_image."""
        return self._found.picture()

    @property
    def stages_ms(self) -> dict[str, float]:
        """How long each stage took."""
        return self._found.stages_ms

    def __str__(self) -> str:
        return "\n".join(self._found.lines)

    def __repr__(self) -> str:
        return f"<atlas.Result {', '.join(vars(self.answer))}>"


class Recipe:
    """A recipe with its models open. Any number of threads may call it."""

    def __init__(self, recipe: Any, *, threads: int = 0, strict: bool = False) -> None:
        self._recipe = _core.Recipe(recipe, threads=threads, strict=strict)

    @property
    def name(self) -> str:
        """Its name."""
        return self._recipe.name

    @property
    def input_kind(self) -> str:
        """What it takes: "image", "bytes", ..."""
        return self._recipe.input_kind

    @property
    def fallbacks(self) -> list[str]:
        """Nodes of its models that run by their slow reference for want of a kernel."""
        return self._recipe.fallbacks

    def __call__(self, input: Any) -> Result:
        """Runs on the file of a path, or on what its input_kind says:

        "image": pixels, uint8 [height, width, 3], RGB; "sound": (samples, rate in Hz), float32 [frames] or
        [channels, frames] between -1 and 1; "text": a list of lines; "bytes": bytes.
        """
        return Result(self._recipe.run(input))

    def __repr__(self) -> str:
        return f"<atlas.Recipe {self.name}: {self.input_kind}>"


def recipe(name: Any, *, threads: int = 0, strict: bool = False) -> Recipe:
    """Opens a recipe: one of atlas.recipes(), or the path of a .yaml file.

        result = atlas.recipe("ocr")("photo.jpg")
        print(result)                       # for people
        for line in result.lines:           # for programs
            print(line.text, line.confidence)
        atlas.write_image("found.png", result.picture())

    Models come from the zoo; where they are missing, the error says how to fetch them.
    """
    return Recipe(name, threads=threads, strict=strict)
