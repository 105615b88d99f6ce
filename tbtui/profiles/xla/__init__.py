"""Captures of XLA's profiler (`*.xplane.pb`), which TensorFlow, JAX and Keras write: `capture` reads one, its outer
parts by `space`, its lines by `lines`, their events by `events`."""
