"""The quality desk: named rules that flag answers, exclusions that two people decide, and what they do to the scores.

rules      the rules of a round and their parameters
detection  what each rule finds in the answers about one unit: arithmetic on arrays
check      flags of a round made anew, as a work item
flags      the list of flagged answers
desk       what the desk shows: flags by rule, unit, channel and day
exclusions answers left out of the count, decided by rule or by two people, and taken back
effect     scores with and without an exclusion, once it is decided
raters     severity of named raters, and units that rate each other
"""
