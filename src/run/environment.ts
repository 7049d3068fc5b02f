/** On what a run was computed: enough to explain a difference, nothing that names a person's machine or folders. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Environment {
  readonly neoteny: string;
  readonly node: string;
  /** Version of @tensorflow/tfjs-node, or null if it is not installed. */
  readonly tensorflow: string | null;
  /** Commit of this library's source, or null outside git; `dirty`: with changes that are not committed. */
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly platform: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** In GiB. */
  readonly memory: number;
  /** Environment variables that change speed or the last bits of a result; null: not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  /** When the run started, ISO 8601. */
  readonly date: string;
}

const variables = ['NEOTENY_BACKEND', 'TF_ENABLE_ONEDNN_OPTS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'];

/** The environment of this process, at this moment. Loads no TensorFlow. */
export function readEnvironment(): Environment {
  installed ??= readInstalled();
  return {
    ...installed,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: Math.round(os.totalmem() / 2 ** 30),
    variables: Object.fromEntries(variables.map((name) => [name, process.env[name] ?? null])),
    date: new Date().toISOString(),
  };
}

/** What was loaded stays as it was loaded, whatever happens to the files: read once. */
let installed: Pick<Environment, 'neoteny' | 'tensorflow' | 'commit' | 'dirty'> | undefined;

function readInstalled(): NonNullable<typeof installed> {
  const root = libraryRoot();
  const commit = git(root, 'rev-parse', 'HEAD');
  return {
    neoteny: versionIn(join(root, 'package.json')) ?? 'unknown',
    tensorflow: tensorflowVersion(),
    commit,
    dirty: commit === null ? null : git(root, 'status', '--porcelain') !== '',
  };
}

function libraryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Only if the library itself is the repository: installed in another project, that one's commit says nothing. */
function git(root: string, ...command: string[]): string | null {
  if (!fs.existsSync(join(root, '.git'))) return null;
  try {
    return execFileSync('git', ['-C', root, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 }).trim();
  } catch {
    return null;
  }
}

function tensorflowVersion(): string | null {
  try {
    return versionIn(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return null;
  }
}

function versionIn(path: string): string | null {
  try {
    return (JSON.parse(fs.readFileSync(path, 'utf8')) as { version?: string }).version ?? null;
  } catch {
    return null;
  }
}
