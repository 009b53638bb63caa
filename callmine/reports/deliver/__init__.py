"""Deliver letters and posts: over SMTP, and to Slack. What to send, and to whom, is decided elsewhere."""
