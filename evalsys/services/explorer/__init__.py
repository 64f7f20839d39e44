"""What the oversight body explores in stored runs: where a number comes from, what it is compared with, how firm it is.

Every page rests on the tables as the overseer may see them; whatever is scored anew rests on the units of which
nothing is hidden.
"""
