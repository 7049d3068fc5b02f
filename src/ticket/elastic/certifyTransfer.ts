import { type Arrays, get } from '../../array.js';
import { UserError } from '../../check.js';
import { kept, type Mask, maskable, sparsity } from '../../mask.js';
import type { Architecture } from '../../model/architecture.js';
import { parameters } from '../../model/shapes.js';
import { stagesOf } from '../../model/stages.js';
import type { Certificate } from '../certificate.js';
import { parseMapping } from './mapping.js';

export interface TransferEvidence {
  readonly level: number;
  readonly source: { readonly architecture: Architecture; readonly mask: Mask; readonly weights: Arrays };
  readonly target: { readonly architecture: Architecture; readonly mask: Mask; readonly weights: Arrays };
  /** As it stands in the ticket's origin. */
  readonly mapping: string;
  /** Whether the masks of replicas were permuted: their counts are certified then, not their places. */
  readonly permuted?: boolean;
}

/**
 * Certifies a transfer apart from the code that made it: read from the mapping's text and the names of blocks alone, every tensor of
 * the target (BatchNorm statistics too) holds its source's bits wherever its mask keeps them and zeros elsewhere, and every mask is its
 * source's. The sparsity is reported with its drift.
 * @throws UserError that names the first thing that is not so
 */
export function certifyTransfer({ level, source, target, mapping, permuted = false }: TransferEvidence): Certificate {
  const failed = (what: string): UserError =>
    new UserError(
      `certificate of the transfer to '${target.architecture.name}' at level ${level} failed: ${what}; this is a bug, please report it`,
    );
  const [from, to] = [stagesOf(source.architecture), stagesOf(target.architecture)];
  const given = parseMapping(mapping);
  const renames: { theirs: string[]; own: string[]; replica: boolean }[] = to.flatMap(({ blocks }, s) => {
    const theirBlocks = from[s]?.blocks ?? [];
    const single = given.length < to.length && blocks.length === 1 && theirBlocks.length === 1;
    const sources = single ? [0] : (given[given.length === 1 ? 0 : s] ?? []);
    return blocks.map((block, b) => {
      const other = theirBlocks[sources[b] ?? -1];
      if (other === undefined) throw failed(`block '${block.name}' has no source`);
      return { theirs: namesIn(other.layers), own: namesIn(block.layers), replica: sources.indexOf(sources[b] as number) < b };
    });
  });
  let tensors = 0;
  for (const { name, layer, role } of parameters(target.architecture)) {
    const block = renames.find(({ own }) => own.includes(layer));
    const theirs =
      block === undefined ? frameTwin(layer, source.architecture, target.architecture) : block.theirs[block.own.indexOf(layer)];
    const origin = `${theirs}/${role}`;
    const [own, other] = [bitsOf(get(target.weights, name).values), bitsOf(get(source.weights, origin).values)];
    if (own.length !== other.length) throw failed(`'${name}' has another size than its source '${origin}'`);
    const mask = Object.hasOwn(target.mask, name) ? get(target.mask, name).values : undefined;
    if (!own.every((bits, i) => bits === (mask?.[i] === 0 ? 0 : other[i])))
      throw failed(`'${name}' does not hold the bits of its source '${origin}'`);
    tensors++;
    if (mask === undefined) continue;
    const theirMask = get(source.mask, origin).values;
    const shuffled = permuted && block?.replica === true;
    const same = shuffled ? sum(mask) === sum(theirMask) : mask.every((m, i) => m === theirMask[i]);
    if (!same)
      throw failed(`the mask of '${name}' ${shuffled ? 'keeps another number of weights than' : 'is not that of'} its source '${origin}'`);
  }
  const [before, after] = [sparsity(source.mask), sparsity(target.mask)];
  return {
    ...{ level, kept: kept(target.mask), prunable: maskable(target.mask), mapping },
    ...{ sourceSparsity: before, sparsity: after, drift: after - before },
    checks: {
      'start equals mapped source': `${tensors} tensors, bit by bit`,
      'masks are those of the source': permuted ? 'except replicas, whose counts are' : `${Object.keys(target.mask).length} masks`,
      'sparsity and its drift': `${after.toFixed(4)} from ${before.toFixed(4)} (${after >= before ? '+' : ''}${(after - before).toFixed(4)})`,
    },
  };
}

interface Named {
  readonly name?: string;
  readonly body?: readonly object[];
  readonly shortcut?: readonly object[];
}

function namesIn(layers: readonly object[]): string[] {
  return layers.flatMap((layer) => {
    const { name, body = [], shortcut = [] } = layer as Named;
    return [...(name === undefined ? [] : [name]), ...namesIn(body), ...namesIn(shortcut)];
  });
}

/** The layer in the same place among those outside of stages. */
function frameTwin(layer: string, source: Architecture, target: Architecture): string | undefined {
  const outside = (architecture: Architecture): string[] => {
    const inside = new Set(stagesOf(architecture).flatMap(({ blocks }) => blocks.flatMap(({ layers }) => namesIn(layers))));
    return namesIn(architecture.layers).filter((name) => !inside.has(name));
  };
  return outside(source)[outside(target).indexOf(layer)];
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function sum(values: Uint8Array): number {
  return values.reduce((a, b) => a + b, 0);
}
