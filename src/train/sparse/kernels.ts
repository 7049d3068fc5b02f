/** The sparse kernels: a native addon that the set-up compiles from native/sparse, and loads nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing, UserError } from '../../check.js';

/** A network in native memory. */
export type NativeNetwork = object;

/** What native/sparse/addon.cpp exports. All functions throw an Error for arguments that do not fit. */
export interface SparseKernels {
  /** Images that one vector register holds. */
  readonly lanes: number;
  /** @param optimizer [adam, nesterov, momentum, beta1, beta2, epsilon, weightDecay] */
  create(plan: Int32Array, optimizer: Float32Array, threads: number): NativeNetwork;
  setData(network: NativeNetwork, pixels: readonly Uint8Array[], labels: readonly Uint8Array[]): void;
  setParameter(
    network: NativeNetwork,
    index: number,
    mask: Uint8Array | null,
    values: Float32Array,
    slots: readonly Float32Array[] | null,
  ): void;
  getParameter(network: NativeNetwork, index: number, slot: number, out: Float32Array): void;
  /** @param rates learning rate and the powers of Adam's betas for each step @param seeds seed and step for each step */
  update(network: NativeNetwork, indices: Int32Array, rates: Float32Array, seeds: Int32Array, losses: Float32Array): void;
  /** @param out receives the sum of the losses and the number of right answers */
  evaluate(network: NativeNetwork, from: number, count: number, out: Float64Array): void;
  close(network: NativeNetwork): void;
}

interface Built {
  readonly path?: string;
  readonly processor?: string;
  readonly reason?: string;
}

const REMEDY = 'run `npm run setup` with a C++ compiler installed; the compiled masked step serves meanwhile';
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
let loaded: SparseKernels | undefined;

/** Loads the kernels. @throws UserError where the set-up could not compile them, or did so for another processor */
export function sparseKernels(): SparseKernels {
  if (loaded !== undefined) return loaded;
  const { path, processor: builtFor, reason } = readBuilt();
  if (path === undefined) throw missing(`sparse kernels (${reason ?? 'not compiled yet'})`, REMEDY);
  // Kernels for a processor with other instructions would end the process.
  if (builtFor !== processor()) throw missing('sparse kernels for this processor', REMEDY);
  try {
    loaded = createRequire(import.meta.url)(path) as SparseKernels;
  } catch (error) {
    throw missing(`sparse kernels (${(error as Error).message.split('\n')[0]})`, REMEDY);
  }
  return loaded;
}

/** Why the sparse kernels cannot be had, or undefined where they can. */
export function whyNoSparseKernels(): string | undefined {
  try {
    sparseKernels();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** What the set-up noted (tools/setup/sparseEngine.mjs). */
function readBuilt(): Built {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', '.neoteny-sparse.json'), 'utf8')) as Built;
  } catch {
    return {};
  }
}

/** Names the kind of processor, as tools/setup/sparseEngine.mjs does: its architecture and its instruction sets. */
function processor(): string {
  let instructions = cpus()[0]?.model ?? '';
  try {
    instructions = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? instructions;
  } catch {
    // Not Linux: the model says it.
  }
  return createHash('sha256').update(`${arch()} ${instructions.trim()}`).digest('hex').slice(0, 16);
}
