/** Which block of a source network each block of a target network is made of. Chen et al. 2021, Elastic lottery tickets (NeurIPS). */
import { invalid, UserError } from '../../check.js';

/** For each block of a target's stage, in order, the number of the source's block that it copies; both count from 0 in the stage. */
export type StageMapping = readonly number[];

/** One mapping for each stage; see `stagesOf`. */
export type ElasticMapping = readonly StageMapping[];

/**
 * The mapping as the paper's code writes it: `source:target,target` for each source block that is copied, `;` between blocks, `|`
 * between stages. Stages that are all mapped alike are written once. Source blocks that are not there are dropped.
 * @example printMapping([[0, 1, 2, 1, 2]]) // => '0:0;1:1,3;2:2,4'
 * @example printMapping([[0, 1, 1], [0]]) // => '0:0;1:1,2|0:0'
 */
export function printMapping(mapping: ElasticMapping): string {
  const parts = mapping.map(printStage);
  return parts.every((part) => part === parts[0]) ? (parts[0] ?? '') : parts.join('|');
}

function printStage(stage: StageMapping): string {
  const sources = [...new Set(stage)].sort((a, b) => a - b);
  return sources.map((source) => `${source}:${stage.flatMap((from, target) => (from === source ? [target] : [])).join(',')}`).join(';');
}

const longest = 10_000;

/**
 * Reads a mapping. Every target block from 0 to the last must be there exactly once; a source block that is dropped is left out.
 * Spaces between numbers and signs do not count.
 * @returns one mapping for each part between `|`; a single one stands for all stages, see `resolveMapping`
 * @throws UserError that names the part and what is wrong with it
 * @example parseMapping('0:0;1:1,3;2:2,4') // => [[0, 1, 2, 1, 2]]
 */
export function parseMapping(text: string): ElasticMapping {
  if (typeof text !== 'string' || text.length > longest)
    throw invalid(
      'mapping',
      `text of at most ${longest} characters, such as '0:0;1:1,2'`,
      typeof text === 'string' ? `${text.length} characters` : text,
    );
  const parts = text.split('|');
  return parts.map((part, i) => parseStage(part, parts.length === 1 ? `mapping '${clip(text)}'` : `stage ${i} of mapping '${clip(text)}'`));
}

function parseStage(text: string, place: string): StageMapping {
  const from = new Map<number, number>();
  const seen = new Set<number>();
  for (const entry of text.split(';')) {
    const match = /^\s*(\d{1,3})\s*:\s*(\d{1,3}(?:\s*,\s*\d{1,3})*)\s*$/.exec(entry);
    if (match === null)
      throw invalid(`part '${clip(entry)}' of ${place}`, "'source:target' or 'source:target,target' with block numbers", entry);
    const source = Number(match[1]);
    if (seen.has(source))
      throw new UserError(`invalid ${place}: source block ${source} stands there twice; write all its targets behind one '${source}:'`);
    seen.add(source);
    for (const target of (match[2] as string).split(',').map(Number)) {
      const other = from.get(target);
      if (other !== undefined)
        throw new UserError(
          `invalid ${place}: target block ${target} is given twice, by the source blocks ${other} and ${source}; each has one source`,
        );
      from.set(target, source);
    }
  }
  const count = Math.max(...from.keys()) + 1;
  return Array.from({ length: count }, (_, target) => {
    const source = from.get(target);
    if (source === undefined)
      throw new UserError(`invalid ${place}: target block ${target} has no source; every block up to ${count - 1} needs one`);
    return source;
  });
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
