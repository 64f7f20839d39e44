"""The dictionary of indicators: what each measures, in words and anchors of every language, version by version."""
