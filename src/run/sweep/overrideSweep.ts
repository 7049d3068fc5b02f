/** One value of a sweep, changed from outside: `levels=3`. */
import { invalid } from '../../check.js';
import type { Json } from '../record.js';
import type { SweepInput } from './sweep.js';

/** Fields of a stage that can be set like options. */
const fields = new Set(['replicates', 'arms', 'preset']);

type Stage = Readonly<Record<string, unknown>>;

/**
 * The sweep with an option set in all stages, or in one: `levels=3`, `learningRate.rate=0.1`, `controls:levels=3`. It takes the place of the
 * option in the grid and in the list. `replicates`, `arms` and `preset` are set like options. The value is JSON; what is not JSON is text.
 * @throws UserError for a text of another form, or a stage that there is not
 * @example overrideSweep({ experiment: 'imp', grid: { levels: [1, 2] } }, 'levels=3') // => { experiment: 'imp', grid: {}, options: { levels: 3 } }
 */
export function overrideSweep(sweep: SweepInput, text: string): SweepInput {
  const match = /^(?:([A-Za-z0-9_-]+):)?([A-Za-z][A-Za-z0-9_./-]*)=(.*)$/s.exec(text);
  if (match === null) throw invalid('--set', "name=value or stage:name=value, such as 'levels=5' or 'learningRate.rate=0.01'", text);
  const [, stageName, path = '', written = ''] = match;
  const value = readValue(written, text);
  if (!('stages' in sweep) || !Array.isArray(sweep.stages)) {
    if (stageName !== undefined) throw invalid('stage in --set', 'none, as this sweep has no named stages', stageName);
    return setIn(sweep as unknown as Stage, path, value) as unknown as SweepInput;
  }
  const stages = sweep.stages as readonly Stage[];
  if (stageName !== undefined && !stages.some((stage) => stage['name'] === stageName)) {
    throw invalid('stage in --set', stages.map((stage) => stage['name']).join(' or '), stageName);
  }
  return {
    ...sweep,
    stages: stages.map((stage) => (stageName === undefined || stage['name'] === stageName ? setIn(stage, path, value) : stage)),
  } as unknown as SweepInput;
}

function setIn(stage: Stage, path: string, value: Json): Stage {
  if (fields.has(path)) return { ...stage, [path]: value };
  const grid = without(stage['grid'], path);
  const list = Array.isArray(stage['list']) ? stage['list'].map((entry) => without(entry, path)) : undefined;
  return {
    ...stage,
    ...(grid !== undefined && { grid }),
    ...(list !== undefined && { list }),
    options: { ...(without(stage['options'], path) as object | undefined), [path]: value },
  };
}

/** Without an option and what lies inside it. */
function without(values: unknown, path: string): unknown {
  if (typeof values !== 'object' || values === null) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== path && !name.startsWith(`${path}.`)));
}

function readValue(written: string, text: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    if (/^\s*[[{"]/.test(written)) throw invalid(`value in --set '${text}'`, 'JSON', written);
    return written;
  }
}
