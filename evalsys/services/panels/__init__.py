"""Experts: who may judge what, which panel scores which unit, how they are calibrated, and scoring in two rounds."""
