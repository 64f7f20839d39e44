"""Charts as pictures that stand alone: 16:9, with title, labels, legend and source, as SVG and from it as PNG.

`card` and `category` say which pictures there are, `canvas` and `letters` draw, `raster` makes the PNG.
"""
