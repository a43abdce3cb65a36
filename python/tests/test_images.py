"""Pictures, and the example that finds edges in one."""

import os
import pathlib
import subprocess
import sys

import numpy
import pytest

import atlas

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/edges.py"


def test_pictures_come_back(tmp_path):
    picture = numpy.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=numpy.uint8)
    atlas.write_image(tmp_path / "a.png", picture)
    numpy.testing.assert_array_equal(atlas.read_image(tmp_path / "a.png"), picture)
    assert atlas.read_image(str(tmp_path / "a.png"), grey=True).shape == (5, 7, 1)
    atlas.write_image(tmp_path / "t.png", picture.transpose(1, 0, 2))
    numpy.testing.assert_array_equal(atlas.read_image(tmp_path / "t.png"), picture.transpose(1, 0, 2))
    for path, array in (("a.gif", picture), ("a.png", picture[0]), ("a.png", picture.astype("f4"))):
        with pytest.raises(atlas.Error, match=path):
            atlas.write_image(path, array)
    with pytest.raises(atlas.Error, match="no-such.png"):
        atlas.read_image("no-such.png")


def test_the_example_finds_the_edges_of_a_square(tmp_path):
    photo = numpy.zeros((20, 30, 3), dtype=numpy.uint8)
    photo[5:15, 10:20] = 200
    atlas.write_image(tmp_path / "photo.png", photo)
    done = subprocess.run(
        [sys.executable, EXAMPLE, tmp_path / "photo.png", tmp_path / "edges.png"],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    edges = atlas.read_image(tmp_path / "edges.png", grey=True)[..., 0] < 128
    inside = numpy.zeros((20, 30), bool)
    inside[4:16, 9:21] = True
    inside[6:14, 11:19] = False
    # The border of the photo is an edge of nothing: it is dark.
    numpy.testing.assert_array_equal(edges, inside & edges)
    assert edges[4:16, 9:11].sum() >= 20 and not edges[8, 15]
