"""Runs the README's Python program from an environment that holds one built package and nothing else.

Usage: run_elsewhere.py README FOLDER PATTERN
"""

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# What must have been installed beside the code.
HOLDS = """
from importlib.metadata import files
names = {file.name for file in files("misp-onboarding")}
assert {"LICENSE-APACHE", "LICENSE-MIT", "_native.pyi", "py.typed"} <= names, names
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, stderr=subprocess.DEVNULL)


def certificates(folder: Path) -> None:
    """The files that the program reads: a CA's certificate and a partner's."""
    (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n")
    (folder / "leaf.ext").write_text("basicConstraints=CA:FALSE\n")
    for name, organization in (("ca", "Demo Authority"), ("bank", "Example Bank")):
        subject = f"/O={organization}/CN={name}.example"
        openssl(
            folder,
            "req",
            "-new",
            *KEY,
            "-subj",
            subject,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
        )
    ends = ["-sha256", "-days", "3650"]
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        "ca.csr",
        "-signkey",
        "ca.key",
        *ends,
        "-extfile",
        "ca.ext",
        "-out",
        "ca.pem",
    )
    signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2"]
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        "bank.csr",
        *signer,
        *ends,
        "-extfile",
        "leaf.ext",
        "-out",
        "bank.pem",
    )


def main() -> None:
    readme, folder, pattern = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    [built] = folder.glob(pattern)
    programs = re.findall(r"^```python\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
    if not programs:
        sys.exit(f"{readme} has no Python program")
    with tempfile.TemporaryDirectory() as empty:
        place = Path(empty)
        venv.create(place / "venv", with_pip=True)
        python = place / "venv/bin/python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", built]
        subprocess.run(install, check=True)
        certificates(place)
        for program in [HOLDS, *programs]:
            subprocess.run([python, "-W", "error", "-c", program], cwd=place, check=True)
        print(f"runs from {built.name}", flush=True)


if __name__ == "__main__":
    main()
