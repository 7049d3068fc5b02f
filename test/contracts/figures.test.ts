/** What every figure of the list promises. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '../../src/figure/figure.js';
import { figures } from '../../src/figure/figures.js';
import { figureExamples } from '../fixtures/figureExamples.js';

for (const name of Object.keys(figures) as (keyof typeof figures)[]) {
  test(`${name}: plain JSON with titles, units and hover text, the same each time`, () => {
    const figure = figureExamples[name]();
    // JSON turns undefined, NaN, typed arrays and functions into something else.
    assert.deepEqual(JSON.parse(JSON.stringify(figure)), figure);
    assert.deepEqual(figureExamples[name](), figure);
    assert.ok(figure.data.length > 0);
    const title = (figure.layout.title as { text: string }).text;
    assert.ok(title.length > 0 && title.length <= 90, title);
    for (const [id, axis] of Object.entries(figure.layout).filter(([id]) => /^[xy]axis\d*$/.test(id)) as [string, JsonObject][]) {
      // Inner panels share the title of the outer ones; ticks that are names need none.
      const isInner = name === 'juvenileCurves' || axis.visible === false || axis.ticktext !== undefined;
      assert.ok(isInner || (axis.title as { text: string }).text.length > 3, `${id} has a title`);
    }
    const panelTitles = Object.entries(figure.layout)
      .filter(([id]) => /^[xy]axis/.test(id))
      .map(([, axis]) => ((axis as JsonObject).title as { text: string }).text);
    assert.ok(name.startsWith('filters') || panelTitles.some((text) => text.length > 3));
    for (const trace of figure.data) {
      assert.ok(
        trace.hoverinfo === 'skip' || trace.hovertext !== undefined || trace.hovertemplate !== undefined,
        `a trace of ${name} says what it is`,
      );
      if (trace.type === 'heatmap')
        assert.ok(((trace.colorbar as JsonObject).title as { text: string }).text.length > 3, 'a colour bar says its unit');
    }
    assert.ok(JSON.stringify(figure).length < 400_000, 'small enough to commit in a notebook');
  });
}
