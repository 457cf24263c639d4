"""Whose row it is: raw ids to accounts by dated evidence, ids to people, and what about them looks wrong.

The face: `identify.identify` (the mapping), `resolve.resolve` (rows by it), `people.people_of`. Nothing is
imported here, so that reading segkit.yaml (`identity.settings`) loads no dataframe library.
"""
