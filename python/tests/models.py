"""Small graphs that several tests use."""

import atlas

SCALE = """graph "scale" {
  input x: f32[N,2]
  input factor: f32[] = f32[]{2}
  y: f32[N,2] = Mul(x, factor)
  output y
}"""

# Runs until it is told to end.
FOREVER = """graph "forever" {
  input x: f32[1]
  const trips = i64[]{9223372036854775807}
  y: ? = Loop(trips, _, x) {body=graph "body" {
    input i: i64[]  input go: bool[]  input v: f32[1]
    on: ? = Identity(go)  w: ? = Neg(v)
    output on  output w }}
  output y
}"""


def session(text, **options):
    return atlas.Session(atlas.Graph.parse(text), **options)


def identity(type):
    """A session that gives back what it gets."""
    return session(f'graph "same" {{ input x: {type}  y: {type} = Identity(x)  output y }}', threads=1)
