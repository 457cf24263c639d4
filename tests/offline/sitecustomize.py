"""No socket to anywhere but this machine's files: for this process and, as `sitecustomize`, its children."""

from __future__ import annotations

import sys

NETWORK = (2, 10, 30)
"""AF_INET, and AF_INET6 of Linux and of macOS: `socket` itself is not imported, some tests look who does."""


def refuse(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.__new__" and args[1] in NETWORK:
        raise RuntimeError("the tests run without a network")
    if event == "socket.getaddrinfo":
        raise RuntimeError("the tests ask for no address")


sys.addaudithook(refuse)
