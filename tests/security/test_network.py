"""segkit talks to nobody, and needs nobody."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

from tests.runs.small import write

ALONE = ["unshare", "--net", "--map-root-user"]


def alone() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_test_that_opens_a_socket_fails(family: socket.AddressFamily) -> None:
    with pytest.raises(RuntimeError, match="without a network"):
        socket.socket(family)
    program = f"import socket; socket.socket({int(family)})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "without a network" in done.stderr


@pytest.mark.skipif(not alone(), reason="this system lets nobody take the network away from a process")
def test_the_main_job_runs_where_there_is_no_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "segkit", "assign", "-q", str(write(tmp_path))]
    done = subprocess.run([*ALONE, *command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out/latest/report.html").is_file()


def test_at_most_35_packages_come_along() -> None:
    wanted, found = ["segkit"], set()
    while wanted:
        try:
            lines = requires(wanted.pop()) or []
        except PackageNotFoundError:
            continue  # For another system than this one.
        for line in lines:
            name = re.split(r"[ ;<>=!~\[(]", line)[0].lower().replace("_", "-")
            if "extra ==" not in line and name not in found:
                found.add(name)
                wanted.append(name)
    assert "polars" in found
    assert len(found) <= 35, sorted(found)
