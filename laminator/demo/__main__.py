"""Play the day and print it; exit 1 if anything is not as it must be."""

import argparse
import os
import sys
import time

import django


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make demo", description="A trader's first day against the running desk."
    )
    parser.add_argument("--deployment", default="", help="velocity or drift; default: the desk's")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
    django.setup()

    from laminator.demo.chat import NothingCame
    from laminator.demo.day import Day

    began = time.monotonic()
    day = Day(deployment=options.deployment)
    try:
        day.play()
        good = day.show_books()
    except NothingCame as missing:
        print(f"\nThe day stopped: {missing}")
        return 1
    finally:
        day.end()
    print(f"\nThe day took {time.monotonic() - began:.0f} s.", "All is well." if good else "")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
