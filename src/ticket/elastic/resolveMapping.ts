import { mismatched } from '../../check.js';
import type { Architecture } from '../../model/architecture.js';
import { stagesOf } from '../../model/stages.js';
import type { ElasticMapping, StageMapping } from './mapping.js';

/**
 * One mapping for each stage. A single one stands for all stages; where it does, stages that have one block in both networks are taken
 * over as they are (`0:0;1:1,2` between two MLPs, whose last width is a stage of its own).
 * @throws UserError for another number of stages
 */
export function resolveMapping(source: Architecture, target: Architecture, mapping: ElasticMapping): ElasticMapping {
  const [from, to] = [stagesOf(source), stagesOf(target)];
  if (mapping.length !== to.length && mapping.length !== 1)
    throw mismatched(
      `mapping between '${source.name}' and '${target.name}'`,
      `${to.length} stages, or one for all`,
      `${mapping.length}`,
      "write one part for each stage, with '|' between",
    );
  if (mapping.length === to.length) return mapping;
  return to.map(({ blocks }, i) => (blocks.length === 1 && from[i]?.blocks.length === 1 ? [0] : (mapping[0] as StageMapping)));
}
