"""Takes chosen files out of a wheel (a zip): python3 unpack.py WHEEL FOLDER {"files": {member: name}, "folders": {prefix: name}}

Prints one JSON line per step: {"bytes": n} while it works, {"file": name, "sha256": hex} for each of `files`.
"""

import hashlib
import json
import os
import sys
import zipfile

CHUNK = 4 << 20


def copy(archive, member, target, told):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(member) as source, open(target, "wb") as out:
        while True:
            block = source.read(CHUNK)
            if not block:
                return digest.hexdigest()
            out.write(block)
            digest.update(block)
            told[0] += len(block)
            print(json.dumps({"bytes": told[0]}), flush=True)


def main():
    wheel, folder = sys.argv[1:3]
    wanted = json.loads(sys.argv[3])
    told = [0]
    with zipfile.ZipFile(wheel) as archive:
        for member, name in wanted["files"].items():
            digest = copy(archive, member, os.path.join(folder, name), told)
            print(json.dumps({"file": name, "sha256": digest}), flush=True)
        for member in archive.namelist():
            for prefix, name in wanted["folders"].items():
                inside = member[len(prefix):]
                if member.startswith(prefix) and inside.endswith(".h") and ".." not in inside.split("/"):
                    copy(archive, member, os.path.join(folder, name, inside), told)


main()
