"""Files -> Facts: accept each row or refuse it with a reason, say what the data cover and whose they are.

The face is `segkit.facts.load`: `load`, `Loaded`, `InputFile`. Nothing is imported here, so that reading
segkit.yaml (`segkit.facts.mapping`) loads no dataframe library.
"""
