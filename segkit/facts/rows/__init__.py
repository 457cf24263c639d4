"""Rows as read -> rows as promised: parsed, refused with a reason, dropped or told apart as doubles."""
