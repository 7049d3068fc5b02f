"""Runs a notebook with checked parameters into a dated copy under out/:

    node tools/jupyter.mjs run NAME [-p levels=5 ...] [--scale smoke|preset|paper] [--out FILE] [--timeout SECONDS] [--in-place]
    node tools/jupyter.mjs run NAME --list

NAME is a file, or the name of a notebook in notebooks/, or the beginning of one. A parameter is a `let` of the cell tagged
`parameters`. Exit code 0: it ran without an error, an unhandled rejection included; 1: it did not; 2: it was not started.
"""

import argparse
import difflib
import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
SCALES = ("smoke", "preset", "paper")
# What the kernel prints for errors that no cell waits for.
STRAY = re.compile(r"^(UnhandledPromiseRejection|UncaughtException):", re.MULTILINE)


class UsageError(Exception):
    """What the person at the command line can mend."""


def find_notebook(name):
    given = Path(name)
    if given.suffix == ".ipynb" and given.is_file():
        return given.resolve()
    known = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb"))
    exact = [path for path in known if path.stem == name or path.name == name]
    begun = exact or [path for path in known if path.stem.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    stems = [path.stem for path in known]
    if begun:
        raise UsageError(f"ambiguous notebook: '{name}' is the beginning of {', '.join(path.stem for path in begun)}")
    raise UsageError(unknown("notebook", name, stems))


def unknown(kind, name, known):
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"unknown {kind}: '{name}'.{hint} Known: {', '.join(known) or 'none'}"


def declared(notebook):
    """The parameters of the tagged cell by name."""
    from typescript_translator import TypeScriptTranslator

    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) > 1:
        raise UsageError(f"invalid notebook: expected one cell tagged 'parameters', found {len(cells)}")
    return {found.name: found for found in TypeScriptTranslator.inspect(cells[0])} if cells else {}


def parse(assignment, known):
    """`levels=5` as a name and a value of the declared type, as far as a text can say; the kernel checks the rest."""
    name, equals, text = assignment.partition("=")
    if not equals:
        raise UsageError(f"invalid parameter: expected name=value, found '{assignment}'")
    if name not in known:
        raise UsageError(unknown("parameter", name, list(known)))
    is_text = known[name].inferred_type_name == "string" or (
        known[name].inferred_type_name == "None" and known[name].default[:1] in ("'", '"', "`")
    )
    if is_text:
        return name, text
    try:
        return name, json.loads(text)  # numbers, true, false, null, [...], {...}
    except json.JSONDecodeError:
        return name, text


def problems(notebook):
    """Errors that papermill does not stop at."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {number}: {output.ename}: {output.evalue}"
            elif output.output_type == "stream" and STRAY.search(output.text):
                yield f"cell {number}: {output.text.strip().splitlines()[0]}"


def clean(notebook):
    """Merges printed lines, and takes out what names this machine or this moment."""
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor

    notebook, _ = CoalesceStreamsPreprocessor().preprocess(notebook, {})
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    return notebook


def arguments(argv):
    parser = argparse.ArgumentParser(prog="node tools/jupyter.mjs run", description="Runs a notebook with checked parameters into a dated copy.")
    parser.add_argument("notebook", metavar="NAME")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="a `let` of the cell tagged 'parameters'")
    parser.add_argument("--scale", choices=SCALES, help="sets NEOTENY_SCALE for the notebook")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the executed copy goes; default out/NAME-DATE.ipynb")
    parser.add_argument("--timeout", type=int, metavar="SECONDS", help="for each cell; default none")
    parser.add_argument("--in-place", action="store_true", help="also write the outputs into the notebook itself; not with -p")
    parser.add_argument("--list", action="store_true", help="only list the parameters")
    return parser.parse_args(argv)


def run(given):
    path = find_notebook(given.notebook)
    notebook = nbformat.read(path, as_version=4)
    known = declared(notebook)
    if given.list:
        for found in known.values():
            print(f"{found.name}: {found.inferred_type_name if found.inferred_type_name != 'None' else '(inferred)'} = {found.default}  {found.help}".rstrip())
        return 0
    if given.in_place and given.parameter:
        raise UsageError("invalid option: --in-place keeps the notebook's own parameters, so it cannot go with -p")
    values = dict(parse(assignment, known) for assignment in given.parameter)
    if given.scale:
        os.environ["NEOTENY_SCALE"] = given.scale
    # These take seconds to load: what is wrong with the command is said before.
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from typescript_translator import register

    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    out = given.out or ROOT / "out" / f"{path.stem}-{stamp}.ipynb"
    out.parent.mkdir(parents=True, exist_ok=True)
    register()
    failure = None
    try:
        # Executed where it lies, so that its imports and files are found.
        papermill.execute_notebook(
            str(path), str(out), parameters=values, kernel_name="tslab", language="typescript", cwd=str(path.parent),
            start_timeout=300,  # a busy machine takes longer than papermill's minute
            execution_timeout=given.timeout, progress_bar=sys.stderr.isatty(), log_output=False,
        )
    except PapermillExecutionError as error:
        failure = f"cell [{error.exec_count}]: {error.ename}: {error.evalue}"
    except Exception as error:  # a kernel that died or ran out of time
        if type(error).__name__ not in ("DeadKernelError", "CellTimeoutError"):
            raise
        failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    executed = clean(nbformat.read(out, as_version=4))
    nbformat.write(executed, out)
    found = [failure] if failure else list(problems(executed))
    shown = os.path.relpath(out)
    if found:
        print("\n".join(found), file=sys.stderr)
        print(f"neoteny: {path.name} failed; the copy with the error is {shown}", file=sys.stderr)
        return 1
    if given.in_place:
        for old, new in zip(notebook.cells, executed.cells, strict=True):
            if old.cell_type == "code":
                old.outputs, old.execution_count = new.outputs, new.execution_count
        notebook.metadata.language_info = executed.metadata.language_info
        nbformat.write(notebook, path)
    print(shown)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(run(arguments(sys.argv[1:])))
    except UsageError as error:
        print(f"neoteny: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
