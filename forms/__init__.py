"""Input of every journey: WTForms classes that normalise, check and explain in our own words."""
