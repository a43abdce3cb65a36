# Finds the edges in a photo with a graph of seven nodes. Cell by cell in a notebook (the cells open with `# %%`), or
# as a program: python examples/edges.py PHOTO EDGES.png

# %% A photo is an array, uint8 [height, width, channels].
import sys

import numpy

import atlas

photo = atlas.read_image(sys.argv[1], grey=True)
print(photo.shape, photo.dtype)

# %% The graph: brightness, its slope in both directions by one convolution, the length of that slope.
sobel = numpy.float32([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]], [[[-1, -2, -1], [0, 0, 0], [1, 2, 1]]]])

g = atlas.build("edges")
pixels = g.input("photo", "u8[H,W,1]")
light = g.Cast(g.Unsqueeze(g.Transpose(pixels, perm=[2, 0, 1]), [0]), to=1)
slopes = g.Conv(light, sobel, pads=[1, 1, 1, 1])
length = g.ReduceL2(slopes, [1], keepdims=0)
g.output(g.Cast(g.Min(g.Transpose(length, perm=[1, 2, 0]), numpy.float32(255)), to=2), "edges")
print(g.graph)

# %% Compiled once, it runs on photos of any size.
session = atlas.Session(g.graph, strict=True)
(edges,) = session.run(photo)
print(session, edges.shape, f"{(edges > 128).mean():.1%} of the pixels are edges")

# %% What it found.
atlas.write_image(sys.argv[2], 255 - edges)
