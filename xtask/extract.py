"""Takes one folder out of a wheel. Arguments: the wheel, the folder inside it, the folder to create."""

import pathlib
import sys
import zipfile

wheel, folder, to = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(folder) and not name.endswith("/"):
            path = pathlib.Path(to, name[len(folder):])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
