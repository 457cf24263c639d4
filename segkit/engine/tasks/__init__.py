"""What is to be done: a task per account and playbook, opened, escalated and closed as periods go by."""
