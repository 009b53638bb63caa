"""A generated year of one invented company: deals, calls, what was said, and the truth of all of it.

Whoever links calls to deals or compares deals can be tested on it, because everything is known: which deal
a call belongs to, what a message is worth, which labels are worth nothing. Names are invented. It was
written by somebody who had not seen how callmine links.

- :mod:`~benchmarks.year.world`: :func:`make_year`, everything from a seed
- :mod:`~benchmarks.year.effects`: what is planted, how an outcome is drawn, and what has no effect
- :mod:`~benchmarks.year.metadata`: what recorders know of a call, and when it carries an account or domain
- :mod:`~benchmarks.year.files`: :func:`write_year`, the CRM's exports month by month, calls, the truth
- :mod:`~benchmarks.year.load`: :func:`load_year`, into a workspace without running any model
"""

from benchmarks.year.files import write_year
from benchmarks.year.load import load_year
from benchmarks.year.world import make_year

__all__ = ["load_year", "make_year", "write_year"]
