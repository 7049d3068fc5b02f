import { mismatched, UserError } from '../../check.js';
import type { Architecture } from '../../model/architecture.js';
import { stagesOf } from '../../model/stages.js';
import type { ElasticMapping } from './mapping.js';
import { squeezeBlocks, type SqueezeOrder } from './squeezeBlocks.js';
import { stretchBlocks, type StretchOrder } from './stretchBlocks.js';

export interface ElasticOptions {
  /** Default append. */
  readonly stretch?: StretchOrder;
  /** Default consecutive. */
  readonly squeeze?: SqueezeOrder;
  /** Blocks that stages which grow replicate. Default: by the rule. */
  readonly replicate?: readonly number[];
  /** Blocks that stages which shrink drop. Default: by the rule. */
  readonly drop?: readonly number[];
}

/**
 * The mapping between two members of a family by the rule of the paper: each stage is stretched, squeezed or taken over, as the numbers
 * of blocks of the two architectures say.
 * @throws UserError if they have different numbers of stages, or a stage cannot be stretched
 * @example
 * const net = (depth) => architecture(`resnet-${depth}`, [32, 32, 3], 10);
 * printMapping(elasticMapping(net(20), net(32))) // => '0:0;1:1,3;2:2,4'
 */
export function elasticMapping(source: Architecture, target: Architecture, options: ElasticOptions = {}): ElasticMapping {
  const { stretch = 'append', squeeze = 'consecutive', replicate, drop } = options;
  const [from, to] = [stagesOf(source), stagesOf(target)];
  const between = `'${source.name}' and '${target.name}'`;
  if (from.length !== to.length)
    throw mismatched(`stages of ${between}`, String(from.length), String(to.length), 'elastic transfer needs two members of one family');
  if (from.length === 0) throw new UserError(`nothing to map between ${between}: they have no stages, only an output`);
  return from.map(({ blocks }, i) => {
    const [n, m] = [blocks.length, (to[i] as (typeof to)[number]).blocks.length];
    const leads = blocks[0]?.leads === true;
    try {
      if (m < n) return squeezeBlocks(n, m, { order: squeeze, leads, ...(drop && { drop }) });
      return stretchBlocks(n, m, { order: stretch, leads, ...(replicate && { replicate }) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${error.message} (stage ${i}, from '${blocks[0]?.name}' on, of '${source.name}' for '${target.name}')`);
    }
  });
}
