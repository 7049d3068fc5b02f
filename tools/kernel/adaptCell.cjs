'use strict';

/**
 * Rewrites the forms that tslab 1.0.22 compiles wrongly when they name something of an earlier cell:
 *
 * - shorthand `{ a }` becomes `{ a: a }`, and in an assignment `({ a = 1 } = o)` becomes `({ a: a = 1 } = o)`;
 * - renaming destructuring `{ a: b }` of a declaration or parameter becomes `{ "a": b }`;
 * - a cell whose only top-level await is `for await` gets one that tslab sees.
 *
 * Everything else keeps its text and its line. `original(offset)` leads from the new text back to the old,
 * so that the compiler's messages point at what was written.
 */
function adaptCell(ts, source) {
  // The export makes it a module, where `await (x)` awaits and is no call.
  const file = ts.createSourceFile('cell.ts', `${source}\nexport {};`, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  // Edits of a broken tree could hide the mistake: the compiler reports it on the text as it is.
  if (file.parseDiagnostics.length > 0) return { source, original: (offset) => offset };
  const edits = [];
  let forAwait = false;
  const isType = (node) =>
    ts.isFunctionTypeNode(node) ||
    ts.isConstructorTypeNode(node) ||
    ts.isTypeLiteralNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  const visit = (node, top) => {
    if (isType(node)) return;
    if (ts.isShorthandPropertyAssignment(node)) {
      edits.push({ at: node.name.getStart(file), end: node.name.getStart(file), text: `${node.name.text}: ` });
    } else if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
      edits.push({ at: node.propertyName.getStart(file), end: node.propertyName.getEnd(), text: JSON.stringify(node.propertyName.text) });
    } else if (top && ts.isForOfStatement(node) && node.awaitModifier) {
      forAwait = true;
    }
    const within = top && !ts.isFunctionLike(node) && !ts.isClassLike(node);
    ts.forEachChild(node, (child) => visit(child, within));
  };
  visit(file, true);
  if (forAwait) edits.push({ at: 0, end: 0, text: 'await null; ' });
  edits.sort((a, b) => a.at - b.at);
  let adapted = '';
  let from = 0;
  for (const { at, end, text } of edits) {
    adapted += source.slice(from, at) + text;
    from = end;
  }
  return { source: adapted + source.slice(from), original: (offset) => originalOffset(edits, offset) };
}

function originalOffset(edits, offset) {
  let shift = 0; // new minus old, after the edits passed so far
  for (const { at, end, text } of edits) {
    if (offset < at + shift) break;
    if (offset < at + shift + text.length) return at;
    shift += text.length - (end - at);
  }
  return offset - shift;
}

module.exports = { adaptCell };
