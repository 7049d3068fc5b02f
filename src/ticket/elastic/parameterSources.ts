import { sameShape } from '../../array.js';
import { mismatched, missing, UserError } from '../../check.js';
import type { Architecture, Layer } from '../../model/architecture.js';
import { parameters } from '../../model/shapes.js';
import { partsOf, type Stage } from '../../model/stages.js';
import type { ElasticMapping, StageMapping } from './mapping.js';
import { resolveMapping } from './resolveMapping.js';

/** Where a parameter of the target comes from. */
export interface ParameterSource {
  /** Name of the source's parameter. */
  readonly name: string;
  /** 0 for the first target block of its source block, 1, 2, ... for the others, in order; 0 outside of stages. */
  readonly copy: number;
}

/**
 * For each parameter and statistic of the target the source's parameter that it copies: by the mapping in stages, one to one in the
 * frame (input convolution, output). A mapping of one stage stands for all, see `resolveMapping`.
 * @throws UserError for a mapping of other numbers of stages or blocks, layers or shapes that differ (only equal ones replicate), and
 *   any parameter of the target that would be left without a source
 */
export function parameterSources(
  source: Architecture,
  target: Architecture,
  mapping: ElasticMapping,
): Readonly<Record<string, ParameterSource>> {
  const between = `'${source.name}' and '${target.name}'`;
  const [from, to] = [partsOf(source), partsOf(target)];
  const skeleton = (parts: typeof from): string =>
    parts.map(({ stage, frame }) => (stage ? 'a stage' : frame.map(kindName).join(', '))).join('; ');
  if (skeleton(from) !== skeleton(to))
    throw mismatched(`build of ${between}`, skeleton(from), skeleton(to), 'elastic transfer needs two members of one family');
  const resolved = resolveMapping(source, target, mapping);

  const shapesOf = (architecture: Architecture) => new Map(parameters(architecture).map((p) => [p.name, p]));
  const [sources, targets] = [shapesOf(source), shapesOf(target)];
  const found = new Map<string, ParameterSource>();
  const copyLayers = (a: readonly Layer[], b: readonly Layer[], copy: number): void => {
    for (const [theirs, own] of pairs(a, b, between)) {
      for (const [name, p] of targets) {
        if (p.layer !== own) continue;
        const other = sources.get(`${theirs}/${p.role}`);
        if (other === undefined)
          throw missing(`'${theirs}/${p.role}' in '${source.name}'`, `'${name}' of '${target.name}' would have no source`);
        if (!sameShape(other.shape, p.shape))
          throw mismatched(
            `'${name}' of '${target.name}'`,
            `the shape of '${other.name}', [${other.shape}]`,
            `[${p.shape}]`,
            'only layers of equal shape replace each other',
          );
        found.set(name, { name: other.name, copy });
      }
    }
  };
  let index = 0;
  to.forEach(({ stage, frame }, i) => {
    const other = from[i] as (typeof from)[number];
    if (stage === undefined) return copyLayers(other.frame as readonly Layer[], frame, 0);
    const theirs = other.stage as Stage;
    const own = resolved[index] as StageMapping;
    const place = `stage ${index} (from '${stage.blocks[0]?.name}' on) of '${target.name}'`;
    index++;
    const copies = new Map<number, number>();
    stage.blocks.forEach((block, b) => {
      const from = own[b];
      if (from === undefined)
        throw new UserError(
          `unmapped block ${b} ('${block.name}') in ${place}: the mapping ends at ${own.length - 1}; give it a source block, or it would start untrained and dense`,
        );
      const twin = theirs.blocks[from];
      if (twin === undefined)
        throw new UserError(
          `unknown source block ${from} for block ${b} of ${place}: '${source.name}' has the blocks 0 to ${theirs.blocks.length - 1} there`,
        );
      const copy = copies.get(from) ?? 0;
      copies.set(from, copy + 1);
      copyLayers(twin.layers, block.layers, copy);
    });
    if (own.length > stage.blocks.length)
      throw new UserError(
        `the mapping names target block ${own.length - 1} in ${place}, which has the blocks 0 to ${stage.blocks.length - 1}`,
      );
  });
  const unmapped = [...targets.keys()].filter((name) => !found.has(name));
  if (unmapped.length > 0)
    throw new UserError(`unmapped parameters of '${target.name}': ${unmapped.join(', ')}; each needs a source in '${source.name}'`);
  return Object.fromEntries([...targets.keys()].map((name) => [name, found.get(name) as ParameterSource]));
}

/** Named layers of two lists of the same build, in order, nested ones included: [source, target]. */
function pairs(a: readonly Layer[], b: readonly Layer[], between: string): [string, string][] {
  const list = (layers: readonly Layer[]): string => layers.map(kindName).join(', ');
  if (list(a) !== list(b)) throw mismatched(`layers of ${between}`, list(a), list(b), 'a block is made of one of the same build');
  return a.flatMap((layer, i): [string, string][] => {
    const other = b[i] as Layer;
    const own: [string, string][] = 'name' in layer && 'name' in other ? [[layer.name, other.name]] : [];
    if (layer.type !== 'residual' || other.type !== 'residual') return own;
    return [...own, ...pairs([...layer.body, ...(layer.shortcut ?? [])], [...other.body, ...(other.shortcut ?? [])], between)];
  });
}

/** What must be the same of two layers apart from their names and sizes. */
function kindName(layer: Layer): string {
  if (layer.type === 'activation') return layer.function;
  if (layer.type === 'maxPool' || layer.type === 'averagePool') return `${layer.type} ${layer.size}`;
  if (layer.type === 'convolution') return `convolution${(layer.stride ?? 1) === 1 ? '' : ` of stride ${layer.stride}`}`;
  if (layer.type === 'residual') return layer.shortcut === undefined ? 'residual block' : 'residual block with a layer in its shortcut';
  return layer.type;
}
