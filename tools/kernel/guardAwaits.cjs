'use strict';

/**
 * Makes every `await` of compiled cell code a place where the stop button stops it (tslab alone would report the cell
 * as interrupted and let its loop run on). `await x` becomes `await __tslab__.guard(x)`, and
 * `for await (const x of y)` becomes `for await (const x of __tslab__.each(y))`.
 */
function guardAwaits(ts, javascript) {
  if (!javascript.includes('await')) return javascript;
  // As in the kernel, inside an async function: elsewhere `await (x)` would be the call of a function named await.
  const opening = '(async () => {';
  const file = ts.createSourceFile('cell.js', `${opening}${javascript}\n})`, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const inserts = [];
  const wrap = (expression, name) => {
    inserts.push({ at: expression.getStart(file) - opening.length, text: `__tslab__.${name}(`, order: inserts.length });
    inserts.push({ at: expression.getEnd() - opening.length, text: ')', order: -inserts.length });
  };
  const visit = (node) => {
    if (ts.isAwaitExpression(node)) wrap(node.expression, 'guard');
    else if (ts.isForOfStatement(node) && node.awaitModifier) wrap(node.expression, 'each');
    ts.forEachChild(node, visit);
  };
  visit(file);
  // At one place, what opens first encloses what opens later, and what closes belongs to the innermost first.
  inserts.sort((a, b) => a.at - b.at || a.order - b.order);
  let guarded = '';
  let from = 0;
  for (const { at, text } of inserts) {
    guarded += javascript.slice(from, at) + text;
    from = at;
  }
  return guarded + javascript.slice(from);
}

module.exports = { guardAwaits };
