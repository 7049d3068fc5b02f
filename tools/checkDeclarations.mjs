#!/usr/bin/env node
/**
 * Checks that every public declaration keeps its type in a notebook, where tslab compiles with TypeScript 5.0, no DOM and
 * the oldest module resolution. What that compiler does not understand it silently takes as `any`.
 *
 *     node tools/checkDeclarations.mjs [FILE.d.ts]      default: the package by its own name, as a notebook imports it
 */
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const ts = require(require.resolve('@tslab/typescript-for-tslab', { paths: [dirname(require.resolve('tslab/package.json'))] }));

/** tslab's own settings (converter.js), but for skipLibCheck: here the declarations are what is checked. */
const options = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  esModuleInterop: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  noEmit: true,
  skipLibCheck: false,
  types: ['node'],
};

/** `/// <reference types="node" resolution-mode="..."/>`, which newer compilers write: refused as a mode, obeyed as a reference. */
const resolutionMode = 1452;

/** Sentences about what a notebook would not see typed in the module `specifier` (a package or a path without its ending). */
export function checkDeclarations(specifier = 'neoteny') {
  const cell = join(root, 'notebooks', '__cell__.ts');
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  const text = `import * as library from ${JSON.stringify(specifier)};\nexport { library };\n`;
  host.readFile = (path) => (path === cell ? text : readFile.call(host, path));
  host.fileExists = (path) => path === cell || fileExists.call(host, path);
  host.getSourceFile = (path, version, ...rest) =>
    path === cell ? ts.createSourceFile(path, text, version, true) : getSourceFile.call(host, path, version, ...rest);
  host.getCurrentDirectory = () => dirname(cell);
  const program = ts.createProgram([cell], options, host);
  const checker = program.getTypeChecker();

  const source = program.getSourceFile(cell);
  const imported = checker.getSymbolAtLocation(source.statements[0].moduleSpecifier);
  if (imported === undefined) return [`cannot find module '${specifier}'; run npm run build`];
  const entry = imported.declarations[0].getSourceFile();
  const folder = dirname(entry.fileName);
  const isOwn = (file) => file.fileName.startsWith(`${folder}/`) && !file.fileName.includes('/node_modules/');

  const found = [];
  for (const file of program.getSourceFiles().filter(isOwn)) {
    for (const { messageText, start, code } of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
      if (code === resolutionMode) continue;
      const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
      found.push(
        `${relative(folder, file.fileName).split(sep).join('/')}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    }
  }
  const walk = createWalk(checker, isOwn, (path) => found.push(`${path} is any`));
  for (const symbol of checker.getExportsOfModule(imported)) walk(symbol);
  return [...new Set(found)];
}

/** Visits the type of an export and all of its members, as far as they are this package's own. */
function createWalk(checker, isOwn, report) {
  const seen = new Set();

  function visitSymbol(symbol, path) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const place = target.valueDeclaration ?? target.declarations?.[0];
    if (target.flags & ts.SymbolFlags.Value && place) visit(checker.getTypeOfSymbolAtLocation(target, place), path);
    if (target.flags & ts.SymbolFlags.Type) visit(checker.getDeclaredTypeOfSymbol(target), path);
    if (target.declarations === undefined) report(path);
  }

  function visit(type, path) {
    if (type.flags & ts.TypeFlags.Any) return report(path);
    if (seen.has(type)) return;
    seen.add(type);
    if (type.isUnionOrIntersection()) for (const part of type.types) visit(part, path);
    const owner = type.aliasSymbol ?? type.symbol;
    for (const argument of type.aliasTypeArguments ?? []) visit(argument, `${path}<>`);
    if (type.flags & ts.TypeFlags.Object && type.objectFlags & ts.ObjectFlags.Reference) {
      // What a generator returns is `any` by the default of the standard library; what it yields is ours.
      const own = /^(Async)?Generator$/.test(type.symbol?.name ?? '') ? 1 : undefined;
      for (const argument of checker.getTypeArguments(type).slice(0, own)) visit(argument, `${path}<>`);
    }
    if (type.flags & ts.TypeFlags.TypeParameter) {
      const constraint = checker.getBaseConstraintOfType(type);
      if (constraint) visit(constraint, path);
      return;
    }
    if (type.flags & ts.TypeFlags.Object && (owner?.declarations ?? []).some((node) => isOwn(node.getSourceFile())))
      visitMembers(type, path);
  }

  function visitMembers(type, path) {
    for (const property of type.getProperties()) {
      const node = property.valueDeclaration ?? property.declarations?.[0];
      // Private members are declared without their types, on purpose.
      const secret = node && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private || ts.isPrivateIdentifier(node.name));
      if (node && !secret && isOwn(node.getSourceFile()))
        visit(checker.getTypeOfSymbolAtLocation(property, node), `${path}.${property.name}`);
    }
    for (const [signatures, word] of [
      [type.getCallSignatures(), ''],
      [type.getConstructSignatures(), 'new '],
    ]) {
      for (const signature of signatures) {
        for (const parameter of signature.getParameters()) {
          const node = parameter.valueDeclaration;
          if (node) visit(checker.getTypeOfSymbolAtLocation(parameter, node), `${word}${path}(${parameter.name})`);
        }
        visit(signature.getReturnType(), `${word}${path}()`);
      }
    }
    for (const { type: value } of checker.getIndexInfosOfType(type)) visit(value, `${path}[]`);
  }

  return (symbol) => visitSymbol(symbol, symbol.name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = checkDeclarations(process.argv[2] && resolve(process.argv[2]).replace(/\.d\.ts$/, ''));
  for (const message of found) console.error(message);
  console.log(`declarations as a notebook sees them: ${found.length} ${found.length === 1 ? 'fault' : 'faults'}`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
