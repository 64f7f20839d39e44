"""Published forms of a result: the scorecard's view model, its charts and its PDF."""
