"""The design of a round before it opens, step by step, for somebody who does it for the first time.

setup       the list of steps: what is done, what is missing, what is advised
settings    titles, period, and what the board's decisions need
places      which units take part, with the category that each has in the round
thresholds  from how many answers figures are shown: a new proposal of the scheme
dates       when each step of the year is due
rulebook    the rule document that the round rests on
"""
