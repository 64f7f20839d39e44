"""The scoring engine: from tallied answers to scores, intervals, ranks and their explanation.

Pure functions on frames; numpy and pandas only. ``scoring.pipeline.run`` knows the order of the stages,
``scoring.scheme`` holds what is decided by people (weights, groups, bands), ``scoring.frames`` spells every column
once.
"""
