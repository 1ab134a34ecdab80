"""What can keep the desk from starting on this machine, said in one clear line."""


class CannotStart(Exception):
    """Nothing was left running; the message says what is wrong and how to mend it."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message}\n  {remedy}" if remedy else message)
