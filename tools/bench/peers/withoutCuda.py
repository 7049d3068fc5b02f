"""Makes PyTorch's Linux wheel from PyPI importable where CUDA is not installed.

The wheel links to some 2 GB of CUDA libraries also where only the CPU is used. For each library that is missing this compiles one
of that name whose functions all answer 100, "no CUDA device", so that PyTorch finds no GPU and never calls another of them. The
CPU code is the wheel's own, untouched.

    python withoutCuda.py SITE_PACKAGES/torch/lib
"""

import collections
import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile

CUDA = re.compile(r"(_*cu|nv|nccl)[A-Za-z0-9_]+$")
NO_DEVICE = 100


def main(folder: pathlib.Path) -> None:
    libraries = [file for file in folder.iterdir() if ".so" in file.name]
    needed = {name for file in libraries for name in re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", file))}
    missing = [name for name in sorted(needed - {file.name for file in libraries}) if not loads(name)]
    if not missing:
        return
    functions = wanted(libraries)
    for name in missing:
        build(folder / name, functions.get(name, {}))
    # Functions without a version may come from any of them.
    build(folder / missing[0], {**functions.get(missing[0], {}), None: functions.get(None, set())})


def wanted(libraries):
    """Function names by library (None: not told) and version."""
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    loose = set()
    for file in libraries:
        provider = {}
        current = None
        for line in output("readelf", "-VW", file).splitlines():
            if match := re.search(r"File: (\S+)", line):
                current = match[1]
            elif current and (match := re.search(r"Name: (\S+)", line)):
                provider[match[1]] = current
        for line in output("nm", "-D", "--undefined-only", file).splitlines():
            name, _, version = line.split()[-1].partition("@")
            if not CUDA.match(name):
                continue
            if version:
                found[provider[version]][version].add(name)
            else:
                loose.add(name)
    return {**found, None: loose}


def build(path: pathlib.Path, versions) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, script = pathlib.Path(folder, "empty.c"), pathlib.Path(folder, "versions")
        names = sorted(set().union(*versions.values())) if versions else []
        source.write_text("".join(f"int {name}(void) {{ return {NO_DEVICE}; }}\n" for name in names))
        named = {version: own for version, own in versions.items() if version}
        script.write_text("".join(f"{version} {{ global: {'; '.join(sorted(own))}; }};\n" for version, own in named.items()))
        flags = [f"-Wl,--version-script={script}"] if named else []
        command = ["cc", "-shared", "-fPIC", "-w", "-nostdlib", f"-Wl,-soname,{path.name}", *flags, "-o", str(path), str(source)]
        subprocess.run(command, check=True)


def loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def output(*command) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
