"""``python -m callmine``."""

from callmine.cli import main

if __name__ == "__main__":
    main()
