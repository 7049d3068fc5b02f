"""Writes an executed notebook as one HTML file that works offline: figures interactive, formulas set, nothing fetched.

    node tools/interactive-html.mjs NOTEBOOK.ipynb [OUT.html]
"""

import html
import json
import re
import sys
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer
from traitlets.config import Config

PLOTLY = "application/vnd.plotly.v1+json"
# What a browser would fetch on opening the page.
REMOTE = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)|@import\s+url\(["']?(https?:[^"')]+)""", re.IGNORECASE)


def formula(display):
    """MathML, which browsers draw themselves; the source where the converter does not know a command."""

    def render(self, body):
        try:
            return convert(body, display=display)
        except Exception:
            return f"<code>{html.escape(body)}</code>"

    return render


def interactive(notebook):
    """Swaps every Plotly output for a place and the call that draws into it. Returns how many."""
    count = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get(PLOTLY)
            if figure is None:
                continue
            count += 1
            # In a script element only "<" could end the element.
            call = json.dumps([figure.get("data", []), figure.get("layout", {}), {"responsive": True}], ensure_ascii=False)
            call = call.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
            output.data = {"text/html": f'<div id="figure-{count}"></div>\n<script>Plotly.newPlot("figure-{count}", ...{call});</script>'}
    return count


def export(source, target, plotly):
    notebook = nbformat.read(source, as_version=4)
    count = interactive(notebook)
    IPythonRenderer.inline_math = formula("inline")
    IPythonRenderer.block_math = formula("block")
    environment = formula("block")
    IPythonRenderer.latex_environment = lambda self, name, body: environment(self, f"\\begin{{{name}}}{body}\\end{{{name}}}")
    exporter = HTMLExporter(
        template_name="offline",
        extra_template_basedirs=[str(Path(__file__).parent / "templates")],
        config=Config({"HTMLExporter": {"embed_images": True}}),
    )
    script = Path(plotly).read_text(encoding="utf-8").replace("</script", "<\\/script") if count else ""
    resources = {"plotly": script, "metadata": {"name": Path(source).stem, "path": str(Path(source).parent)}}
    page, _ = exporter.from_notebook_node(notebook, resources)
    outside = page.replace(script, "") if script else page
    remote = sorted({found[0] or found[1] for found in REMOTE.findall(outside)})
    if remote:
        print(f"neoteny: {source} needs the network for {', '.join(remote)}; put these into the notebook", file=sys.stderr)
        return 1
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_text(page, encoding="utf-8")
    print(f"{target}: {count} interactive figures, {len(page.encode()) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(export(*sys.argv[1:4]))
