"""How the exports of known vendors are read: a YAML file per vendor and form, and the readers of it."""
