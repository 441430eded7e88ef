"""`python -m alarmbridge` is the same as `alarmbridge`."""

from alarmbridge.cli import main

if __name__ == "__main__":
    main()
