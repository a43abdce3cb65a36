"""The examples of docs/python.md give what they say they give."""

import doctest
import pathlib

import pytest

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/python.md"


def test_the_examples(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert result.attempted > 20
    assert result.failed == 0
