#!/usr/bin/env node
/**
 * Checks committed notebooks: that they run on plain tslab too, hold clean and small outputs, and name no machine.
 *
 *     node tools/lintNotebooks.mjs [NOTEBOOK.ipynb ...]      default: all of notebooks/
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
// The compiler that reads the cells in the kernel.
const ts = require(require.resolve('@tslab/typescript-for-tslab', { paths: [dirname(require.resolve('tslab/package.json'))] }));

const mostBytes = 1_000_000;
const packages = new Set(['neoteny', 'arquero', 'danfojs-node']);
const stray = /^(UnhandledPromiseRejection|UncaughtException):/m;
/** Folders of a person or a machine; not /tmp/x in prose, not URLs. */
const machinePath = /(?<![\w:/.])(?:\/(?:home|Users|root|work|mnt|opt|private|var\/folders)\/[\w.-]+|[A-Z]:\\\\?(?:Users|Documents)\b)/;

/** What JupyterLab with the pinned packages, VS Code, GitHub and nbconvert show between them; plain text stands in for the rest. */
const shown = new Set(['application/vnd.plotly.v1+json', 'image/png', 'text/html', 'text/markdown', 'text/latex', 'text/plain']);
/** What GitHub, and JupyterLab in a notebook that is not trusted, cut out of a page: with it the reader loses what it made. */
const cutOut = /<\s*(script|iframe|object|embed|link|style|form|base|meta|svg|canvas|video|audio)\b/i;
const handler = /<[^>]*\son[a-z]+\s*=/i;
const address = /<\s*([a-z]+)[^>]*?\s(?:src|href|srcset|poster)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*))/gi;
const kept = { img: /^data:image\/(png|jpeg|gif);base64,/, a: /^(https:\/\/|#)/ };

/** What is wrong with a notebook, as sentences with the number of the cell. `bytes` is the size of its file. */
export function lintNotebook(notebook, bytes = Buffer.byteLength(JSON.stringify(notebook))) {
  const found = [];
  const kernel = notebook.metadata?.kernelspec?.name;
  if (kernel !== 'tslab') found.push(`mismatched kernel: expected 'tslab', found '${kernel}'`);
  if (bytes >= mostBytes)
    found.push(`invalid size: expected less than 1 MB, found ${(bytes / 1e6).toFixed(1)} MB; show smaller figures or fewer`);
  const earlier = new Set();
  let count = 0;
  (notebook.cells ?? []).forEach((cell, number) => {
    const say = (message) => found.push(`cell ${number}: ${message}`);
    const source = textOf(cell.source);
    if (machinePath.test(source)) say(`names a path of this machine: ${machinePath.exec(source)[0]}`);
    if (cell.cell_type !== 'code') return;
    lintSource(source, earlier, say);
    if (source.trim() !== '') {
      count++;
      if (cell.execution_count !== count)
        say(`mismatched execution count: expected ${count}, found ${cell.execution_count}; run the notebook from top to bottom`);
    }
    for (const output of cell.outputs ?? []) lintOutput(output, say);
  });
  return found;
}

/** Checks the text of a cell and adds the names it declares to `earlier`. */
function lintSource(source, earlier, say) {
  const file = ts.createSourceFile('cell.ts', `${source}\nexport {};`, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  for (const diagnostic of file.parseDiagnostics.slice(0, 1))
    say(`does not parse: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`);
  const own = declaredNames(file);
  let awaited = false;
  let forAwait = false;
  const visit = (node, shadowed, top) => {
    if (ts.isImportDeclaration(node)) checkImport(node.moduleSpecifier.text, say);
    else if (ts.isCallExpression(node) && isImport(node) && ts.isStringLiteralLike(node.arguments[0] ?? node))
      checkImport(node.arguments[0].text, say);
    else if (ts.isShorthandPropertyAssignment(node)) {
      const name = node.name.text;
      if (earlier.has(name) && !own.has(name) && !shadowed.has(name))
        say(`shorthand { ${name} } of an earlier cell's name fails on plain tslab; write { ${name}: ${name} }`);
    } else if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
      // tslab decides by where the property's type was declared, which only the type checker knows: keep to what is safe.
      say(`renaming destructuring { ${node.propertyName.text}: ... } can fail on plain tslab; write { "${node.propertyName.text}": ... }`);
    }
    if (top && ts.isAwaitExpression(node)) awaited = true;
    if (top && ts.isForOfStatement(node) && node.awaitModifier) forAwait = true;
    const inner =
      ts.isFunctionLike(node) || ts.isBlock(node) || ts.isForOfStatement(node) || ts.isForStatement(node)
        ? new Set([...shadowed, ...localNames(node)])
        : shadowed;
    const within = top && !ts.isFunctionLike(node) && !ts.isClassLike(node);
    ts.forEachChild(node, (child) => visit(child, inner, within));
  };
  visit(file, new Set(), true);
  if (forAwait && !awaited) say('for await as the only await of a cell fails on plain tslab; put await null before it');
  for (const name of own) earlier.add(name);
}

const isImport = (call) =>
  call.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(call.expression) && call.expression.text === 'require');

function checkImport(specifier, say) {
  if (isBuiltin(specifier) || packages.has(specifier)) return;
  say(`imports '${specifier}'; expected ${[...packages].join(', ')} or a module of Node`);
}

/** Names that the top level of a cell declares, imports included. */
function declaredNames(file) {
  const names = new Set();
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) addNames(name, names);
    else if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      if (clause?.name) names.add(clause.name.text);
      const bindings = clause?.namedBindings;
      if (bindings && ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
      else for (const element of bindings?.elements ?? []) names.add(element.name.text);
    } else if (statement.name) names.add(statement.name.text);
  }
  return names;
}

/** Names that a function or block declares for what is inside it. */
function localNames(node) {
  const names = new Set();
  for (const parameter of node.parameters ?? []) addNames(parameter.name, names);
  if (node.initializer && ts.isVariableDeclarationList(node.initializer))
    for (const { name } of node.initializer.declarations) addNames(name, names);
  for (const statement of (ts.isBlock(node) ? node : node.body)?.statements ?? []) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) addNames(name, names);
    else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) names.add(statement.name.text);
  }
  return names;
}

function addNames(name, names) {
  if (ts.isIdentifier(name)) names.add(name.text);
  else for (const element of name.elements) if (ts.isBindingElement(element)) addNames(element.name, names);
}

function lintOutput(output, say) {
  if (output.output_type === 'error') say(`holds an error: ${output.ename}: ${output.evalue}`);
  const texts = [
    textOf(output.text),
    ...Object.values(output.data ?? {}).map((item) => (isText(item) ? textOf(item) : JSON.stringify(item))),
  ];
  for (const text of texts) {
    if (stray.test(text)) say(`holds an error that no cell waited for: ${text.split('\n')[0]}`);
    if (machinePath.test(text)) say(`names a path of this machine in its output: ${machinePath.exec(text)[0]}`);
  }
  const page = textOf(output.data?.['text/html']);
  const plotly = /Plotly\.(newPlot|react)|plotly(\.min)?\.js|\* plotly\.js v/.test(page);
  if (plotly) say('holds Plotly as HTML; show figures as { data, layout }');
  for (const [type, part] of [
    ['HTML', page],
    ['Markdown', textOf(output.data?.['text/markdown'])],
  ]) {
    const [, element] = cutOut.exec(part) ?? [];
    if (element && !plotly) say(`holds ${type} with <${element.toLowerCase()}>, which readers that sanitize cut out`);
    if (handler.test(part)) say(`holds ${type} with an event handler, which readers that sanitize cut out`);
    for (const [, name, ...values] of part.matchAll(address)) {
      const to = values.find((value) => value !== undefined).trim();
      if (!kept[name.toLowerCase()]?.test(to))
        say(`holds ${type} with <${name}> of '${to.slice(0, 80)}'; expected a link to https or a picture within`);
    }
  }
  for (const type of Object.keys(output.data ?? {})) if (!shown.has(type)) say(`holds ${type}, which not all readers show`);
  if (output.data !== undefined && textOf(output.data['text/plain']) === '')
    say('holds no plain text, which a terminal or a screen reader needs');
  const figure = output.data?.['application/vnd.plotly.v1+json'];
  if (figure !== undefined) {
    if (page !== '') say('holds a figure beside HTML, which some readers prefer and show blank');
    if (output.data['image/png'] === undefined) say('holds a figure without a picture');
  }
}

const isText = (value) => typeof value === 'string' || (Array.isArray(value) && value.every((line) => typeof line === 'string'));

/** Notebook files keep text as one string or as a list of lines. */
function textOf(value) {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}

function main(args) {
  const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'notebooks');
  const paths =
    args.length > 0
      ? args
      : readdirSync(folder)
          .filter((name) => name.endsWith('.ipynb'))
          .sort()
          .map((name) => join(folder, name));
  let wrong = 0;
  for (const path of paths) {
    const bytes = readFileSync(path);
    for (const message of lintNotebook(JSON.parse(bytes.toString('utf8')), bytes.length)) {
      console.error(`${basename(path)}: ${message}`);
      wrong++;
    }
  }
  console.log(`${paths.length} ${paths.length === 1 ? 'notebook' : 'notebooks'} checked, ${wrong} ${wrong === 1 ? 'fault' : 'faults'}`);
  return wrong === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
