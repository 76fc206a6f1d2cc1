"""`python -m timepolicy` is the same program as `timepolicy`."""

from timepolicy.cli.main import main

if __name__ == "__main__":
    main()
