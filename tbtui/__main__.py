"""`python -m tbtui`."""

from tbtui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
