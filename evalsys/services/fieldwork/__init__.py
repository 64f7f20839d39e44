"""Field work while a round collects: how many answers came in, against targets. How many, never what.

targets  how many answers field work aims at, one by one or from a file
counts   answers, tasks and paper forms, counted
board    what came in, by group, part, unit, channel and day, and whom a reminder can reach
"""
