"""What PyInstaller makes the provider of that needs no Python."""

from timepolicy.cli.provider import main

if __name__ == "__main__":
    main()
