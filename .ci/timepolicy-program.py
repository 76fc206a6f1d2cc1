"""What PyInstaller makes the single file of."""

import multiprocessing

from timepolicy.cli.main import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
