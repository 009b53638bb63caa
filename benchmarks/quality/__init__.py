"""``make quality``: measure on labelled conversations, beside simple baselines; write docs/quality.md.

The gold conversations and the sample's script were written apart from the training data. Nothing is
tuned on them, but for what a section names: some bars of cosines, on a part of its data.

A module a part: :mod:`~benchmarks.quality.views` (competitors' relation and stance),
:mod:`~benchmarks.quality.wishes` (content requests, what positioning speaks of),
:mod:`~benchmarks.quality.answers`, :mod:`~benchmarks.quality.curves` (thresholds of objections, and of
single labels), :mod:`~benchmarks.quality.names` (thresholds of competitors' names),
:mod:`~benchmarks.quality.messages`, :mod:`~benchmarks.quality.playbook_answers`,
:mod:`~benchmarks.quality.own_labels`, :mod:`~benchmarks.quality.themes`,
:mod:`~benchmarks.quality.speed` and :mod:`~benchmarks.quality.sample`; the rest is shared.
"""
