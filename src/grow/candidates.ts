/** Where and how a network may grow next, and the network that it would become. */
import type { NdArray } from '../array.js';
import { checkFraction, UserError } from '../check.js';
import type { Architecture, Layer } from '../model/architecture.js';
import { layerShapes, parameters } from '../model/shapes.js';
import type { Random } from '../random.js';
import { channelGroups } from './channelGroups.js';
import { deepen } from './deepen.js';
import { gradMax, listOf } from './gradMax.js';
import type { Network } from './growthOperator.js';
import { findLayer } from './layerNames.js';
import { singularVectors } from '../model/bases/singularVectors.js';
import { widen } from './widen.js';

/** One extension of a network, as data. */
export type Candidate =
  /** A layer (or residual block) that changes nothing at first, after the named layer and its activation. */
  | { readonly operator: 'deepen'; readonly layer: string; readonly unit: 'layer' | 'block' }
  /** Copies of units (`widen`), or new ones with the largest gradient (`gradMax`). */
  | { readonly operator: 'widen' | 'gradMax'; readonly layer: string; readonly count: number };

export interface CandidateOptions {
  /** What deepening inserts. */
  readonly unit: 'layer' | 'block';
  /** Units to add, as shares of those that are there. */
  readonly widenBy: readonly number[];
  /** Default: all three. */
  readonly operators?: readonly Candidate['operator'][];
}

/**
 * Every extension that the architecture admits, in the order of its layers: deepening after each ReLU (of blocks, after the last of each
 * run of equal shape), widening of each hidden group of channels, and GradMax where exactly one layer of the same kind
 * reads a group, without pooling in between.
 * @example candidates({ name: 'm', input: [9], layers: [{ type: 'dense', name: 'a', units: 8 }, { type: 'activation', function: 'relu' }, { type: 'dense', name: 'b', units: 2 }] }, { unit: 'layer', widenBy: [0.5] }).length // => 3
 */
export function candidates(architecture: Architecture, { unit, widenBy, operators }: CandidateOptions): Candidate[] {
  const wanted = operators ?? ['deepen', 'widen', 'gradMax'];
  for (const share of widenBy)
    if (!(share > 0 && share <= 16)) throw new UserError(`invalid share of units to add: ${share}; expected above 0`);
  const wider = (operator: 'widen' | 'gradMax'): Candidate[] =>
    hiddenGroups(architecture)
      .filter(({ directions }) => operator === 'widen' || directions > 0)
      .flatMap(({ layer, size, directions }) => {
        const most = operator === 'widen' ? Number.POSITIVE_INFINITY : directions;
        const counts = new Set(widenBy.map((share) => Math.min(most, Math.max(1, Math.round(share * size)))));
        return [...counts].map((count) => ({ operator, layer, count }));
      });
  return [
    ...(wanted.includes('deepen') ? places(architecture, unit).map((layer): Candidate => ({ operator: 'deepen', layer, unit })) : []),
    ...(wanted.includes('widen') ? wider('widen') : []),
    ...(wanted.includes('gradMax') ? wider('gradMax') : []),
  ];
}

/** The layer that reads the units of a GradMax candidate. @throws UserError where there is none */
export function readerOf(architecture: Architecture, layer: string): string {
  const reader = hiddenGroups(architecture).find((group) => group.layer === layer)?.reader;
  if (reader === undefined)
    throw new UserError(`no single layer of its kind reads '${layer}' of '${architecture.name}': GradMax cannot widen it`);
  return reader;
}

export interface ExtendOptions {
  /** For `gradMax`: see `gradMaxEvidence`. */
  readonly crossCovariance?: NdArray;
  /** Of widening, so that copies learn apart. Default 0. */
  readonly noise?: number;
}

/**
 * The network with the extension. Deepening keeps the function, GradMax too; widening up to its noise. GradMax adds no more units than
 * the rank of its evidence. @throws UserError if the architecture does not admit it, or evidence is missing
 */
export function extend(
  network: Network,
  candidate: Candidate,
  random: Random,
  { crossCovariance, noise = 0 }: ExtendOptions = {},
): Network {
  switch (candidate.operator) {
    case 'deepen': {
      if (candidate.unit === 'block') return deepen.grow(network, { init: 'zeroResidual', unit: 'block', after: candidate.layer }, random);
      return deepen.grow(network, { init: 'identity', after: candidate.layer }, random);
    }
    case 'widen':
      checkFraction('noise of copies', noise);
      return widen.grow(network, { layer: candidate.layer, count: candidate.count, noise }, random);
    case 'gradMax': {
      if (crossCovariance === undefined)
        throw new UserError(`missing crossCovariance for '${candidate.layer}'; compute it by gradMaxEvidence`);
      const [rows, columns] = crossCovariance.shape as [number, number];
      const { values } = singularVectors(crossCovariance.values, rows, columns);
      // What is left of float32 rounding has no direction worth growing along.
      const rank = values.filter((value) => value > 1e-5 * (values[0] as number)).length;
      const count = Math.min(candidate.count, rank);
      if (count === 0) throw new UserError(`no direction to grow '${candidate.layer}' along: its gradients are 0`);
      return gradMax.grow(network, { layer: candidate.layer, count, crossCovariance }, random);
    }
  }
}

/** The candidate for people. @example candidateText({ operator: 'widen', layer: 'dense1', count: 8 }) // => 'widen dense1 by 8' */
export function candidateText(candidate: Candidate): string {
  if (candidate.operator === 'deepen') return `deepen after ${candidate.layer}`;
  return `${candidate.operator} ${candidate.layer} by ${candidate.count}`;
}

/** Named layers whose ReLU a new layer may follow. */
function places(architecture: Architecture, unit: 'layer' | 'block'): string[] {
  const list = layerShapes(architecture);
  const found = list.flatMap(({ layer, output }, i) => {
    if (layer.type !== 'activation' || layer.function !== 'relu' || (unit === 'block' && output.length !== 3)) return [];
    const before = list[i - 1]?.layer;
    return before !== undefined && 'name' in before ? [{ layer: before.name, shape: output.join() }] : [];
  });
  if (unit === 'layer') return found.map(({ layer }) => layer);
  return found.filter(({ shape }, i) => found[i + 1]?.shape !== shape).map(({ layer }) => layer);
}

interface HiddenGroup {
  /** The layer that the channels are named after. */
  readonly layer: string;
  readonly size: number;
  /** The one layer of the same kind that reads them, if there is. */
  readonly reader: string | undefined;
  /** Directions that GradMax can have at most: rows or columns of its evidence; 0 without a reader. */
  readonly directions: number;
}

function hiddenGroups(architecture: Architecture): HiddenGroup[] {
  const shapes = new Map(parameters(architecture).map(({ name, shape }) => [name, shape]));
  const perUnit = (name: string, units: number): number => (shapes.get(`${name}/kernel`) ?? []).reduce((a, b) => a * b, 1) / units;
  const { groups, layers } = channelGroups(architecture);
  const typeOf = (name: string): string | undefined => findLayer(architecture.layers, name)?.type;
  return groups.flatMap(({ size, fixed, producers, readers }): HiddenGroup[] => {
    const [layer, reader] = [producers[0], readers[0]];
    if (fixed || layer === undefined || [...producers, ...readers].some((name) => typeOf(name) === 'select')) return [];
    const alone = producers.length === 1 && readers.length === 1 && reader !== undefined;
    const reads =
      alone &&
      layers.get(reader)?.input.repeat === 1 &&
      typeOf(reader) === typeOf(layer) &&
      !isPooledBetween(architecture.layers, layer, reader);
    if (!reads) return [{ layer, size, reader: undefined, directions: 0 }];
    return [{ layer, size, reader, directions: Math.min(perUnit(layer, size), perUnit(reader, size)) }];
  });
}

/** Whether something other than a BatchNorm, an activation or dropout stands between two layers, so that their images differ. */
function isPooledBetween(layers: readonly Layer[], layer: string, reader: string): boolean {
  const list = listOf(layers, layer) ?? [];
  const at = (name: string): number => list.findIndex((other) => 'name' in other && other.name === name);
  const passing = ['batchNorm', 'activation', 'dropout'];
  return at(reader) < 0 || list.slice(at(layer) + 1, at(reader)).some(({ type }) => !passing.includes(type));
}
