"""Speech recognisers behind one protocol: see :mod:`callmine.engines.base`."""
