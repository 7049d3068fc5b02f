/** `neoteny notebook`: the notebooks of the project, run and exported by Jupyter's own tools. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { invalid, missing, mismatched, UserError, unknown } from '../../check.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import { parseJson } from '../../ticket/parseJson.js';
import { exitCodes } from '../../run/exitCode.js';
import { look, print, printJson, remark } from '../output/print.js';
import { printPdf } from '../output/printPdf.js';
import { textTable } from '../output/textTable.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = join(root, 'notebooks');

interface NotebookEntry {
  readonly name: string;
  readonly title: string;
  /** Cells with code, and how many of them were run. */
  readonly cells: number;
  readonly executed: number;
  /** In bytes. */
  readonly size: number;
}

/** `notebook list` */
export function listNotebooks({ json }: { json?: boolean }): number {
  const entries = known().map(describe);
  if (json) {
    printJson(entries);
    return exitCodes.done;
  }
  const { colors, width } = look();
  const rows = entries.map(({ name, title, cells, executed }) => [
    name,
    title,
    executed === 0 ? 'no' : executed < cells ? 'in part' : 'yes',
  ]);
  print(textTable([{ title: 'name' }, { title: 'title', stretch: 'wrap' }, { title: 'executed' }], rows, { width, colors }));
  return exitCodes.done;
}

export interface RunNotebookOptions {
  readonly parameter?: readonly string[];
  readonly scale?: string;
  readonly output?: string;
  readonly timeout?: string;
  readonly inPlace?: boolean;
  readonly parameters?: boolean;
}

/** `notebook run NAME`. Returns the exit code of the tool that runs it. */
export function runNotebook(name: string, options: RunNotebookOptions): Promise<number> {
  const { parameter = [], scale, output, timeout, inPlace, parameters } = options;
  const args = [
    findNotebook(name),
    ...parameter.flatMap((assignment) => ['-p', assignment]),
    ...(scale === undefined ? [] : ['--scale', scale]),
    ...(output === undefined ? [] : ['--out', resolve(output)]),
    ...(timeout === undefined ? [] : ['--timeout', timeout]),
    ...(inPlace ? ['--in-place'] : []),
    ...(parameters ? ['--list'] : []),
  ];
  return tool('jupyter.mjs', ['run', ...args]);
}

export interface ExportNotebookOptions {
  readonly to: 'html' | 'md' | 'pdf';
  readonly output?: string;
}

/** `notebook export NAME`. Returns the exit code. */
export async function exportNotebook(name: string, { to, output }: ExportNotebookOptions): Promise<number> {
  const path = findNotebook(name);
  if (describe(path).executed === 0)
    remark(`${basename(path)} holds no outputs; neoteny notebook run ${basename(path, '.ipynb')} makes a copy with them`);
  const target = resolve(output ?? join(root, 'out', `${basename(path, '.ipynb')}.${to}`));
  fs.mkdirSync(dirname(target), { recursive: true });
  if (to === 'html') return tool('interactive-html.mjs', [path, target]);
  if (to === 'md') {
    // nbconvert puts pictures into a folder beside it and adds the ending itself.
    const end = await tool('jupyter.mjs', [
      'nbconvert',
      '--log-level=ERROR',
      '--to',
      'markdown',
      path,
      `--output-dir=${dirname(target)}`,
      `--output=${basename(target).replace(/\.md$/, '')}`,
    ]);
    if (end === exitCodes.done) print(shown(target));
    return end;
  }
  const work = fs.mkdtempSync(join(os.tmpdir(), 'neoteny-pdf-'));
  try {
    const page = join(work, 'page.html');
    const end = await tool('interactive-html.mjs', [path, page], 'quiet');
    if (end !== exitCodes.done) return end;
    await printPdf(pathToFileURL(page).href, target);
    print(shown(target));
    return exitCodes.done;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

const shown = (path: string): string => relative(process.cwd(), path) || path;

/** A notebook by file, name, or the beginning of a name. @throws UserError for none, or several */
function findNotebook(name: string): string {
  if (name.endsWith('.ipynb') && fs.existsSync(name)) return resolve(name);
  const paths = known();
  const names = paths.map((path) => basename(path, '.ipynb'));
  const exact = paths.filter((_, i) => name === names[i] || name === `${names[i]}.ipynb`);
  const found = exact.length > 0 ? exact : paths.filter((_, i) => names[i]?.startsWith(name));
  if (found.length === 1) return found[0] as string;
  if (found.length > 1)
    throw mismatched(
      `beginning '${name}' of a notebook's name`,
      'one notebook',
      found.map((path) => basename(path, '.ipynb')).join(', '),
      'type more of it',
    );
  throw unknown('notebook', name, names);
}

function known(): string[] {
  if (!fs.existsSync(folder))
    throw missing(`folder '${folder}'`, 'notebooks are part of the project, not of an installed package: clone it');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .map((name) => join(folder, name));
}

function describe(path: string): NotebookEntry {
  const text = fs.readFileSync(path, 'utf8');
  const notebook = parseJson(text, `'${path}'`);
  if (!isPlainObject(notebook) || !Array.isArray(notebook['cells'])) throw invalid(`'${path}'`, 'a Jupyter notebook', typeof notebook);
  const cells = (notebook['cells'] as readonly unknown[]).filter(isPlainObject);
  const source = ({ source }: Readonly<Record<string, unknown>>): string =>
    Array.isArray(source) ? source.join('') : String(source ?? '');
  const heading = cells.filter((cell) => cell['cell_type'] === 'markdown').flatMap((cell) => /^# (.+)$/m.exec(source(cell))?.[1] ?? []);
  const code = cells.filter((cell) => cell['cell_type'] === 'code' && source(cell).trim() !== '');
  return {
    name: basename(path, '.ipynb'),
    title: heading[0] ?? '',
    cells: code.length,
    executed: code.filter((cell) => typeof cell['execution_count'] === 'number').length,
    size: Buffer.byteLength(text),
  };
}

/** Runs a program of tools/ under this one's standard streams; signals reach it through the terminal or are handed on. */
function tool(name: string, args: readonly string[], output: 'shown' | 'quiet' = 'shown'): Promise<number> {
  const program = join(root, 'tools', name);
  if (!fs.existsSync(program)) throw missing(`'${program}'`, 'get a whole copy of the project');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['inherit', output === 'shown' ? 'inherit' : 'ignore', 'inherit'] });
  const onTerminal = process.stdin.isTTY === true;
  const forward = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  return new Promise((done, fail) => {
    child.on('error', (error) => fail(new UserError(`cannot start ${name}: ${error.message}`)));
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, forward);
      done(code ?? exitCodes.interrupted);
    });
  });
}
