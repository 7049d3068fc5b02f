"""How papermill, which knows no TypeScript, writes and reads the parameters of a notebook."""

import json
import math
import re

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# `let levels: number = 5; // pruning levels`
DECLARATION = re.compile(r"^\s*let\s+([A-Za-z_$][\w$]*)\s*(?::\s*([^=]+?))?\s*=\s*(.+?);?\s*(?://\s*(.*))?$")


class TypeScriptTranslator(Translator):
    """Assigns to the `let`s of the parameters cell and does not declare them anew, so that the kernel checks every value's type."""

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(val)

    @classmethod
    def translate_str(cls, val):
        return json.dumps(str(val), ensure_ascii=False)

    @classmethod
    def translate_list(cls, val):
        return "[" + ", ".join(cls.translate(item) for item in val) + "]"

    @classmethod
    def translate_dict(cls, val):
        return "{ " + ", ".join(f"{json.dumps(str(key))}: {cls.translate(item)}" for key, item in val.items()) + " }"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"{name} = {str_val};"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        # The kernel shows the last expression of a cell, and an assignment is one.
        return super().codify(parameters, comment) + "void 0;\n"

    @classmethod
    def inspect(cls, parameters_cell):
        found = []
        for line in parameters_cell["source"].splitlines():
            match = DECLARATION.match(line)
            if match:
                found.append(Parameter(name=match[1], inferred_type_name=match[2] or "None", default=match[3], help=match[4] or ""))
        return found


def register():
    """Papermill looks a translator up by kernel name, then by language."""
    for name in ("tslab", "typescript"):
        papermill_translators.register(name, TypeScriptTranslator)
