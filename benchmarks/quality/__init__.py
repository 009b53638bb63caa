"""``make quality``: measure on labelled conversations, beside simple baselines; write docs/quality.md.

The gold conversations and the sample's script were written apart from the training data. Nothing is
tuned on them.
"""
