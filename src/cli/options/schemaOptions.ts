/** What options a spec has, read from its schema, for help texts and flags. */
import { z } from 'zod';
import type { Experiment } from '../../run/experiments/experiment.js';
import type { Json } from '../../run/record.js';

export interface SchemaOption {
  /** As in the spec: `batchSize`. */
  readonly name: string;
  /** As on the command line: `batch-size`. */
  readonly flag: string;
  /** `other`: an object or a list, set by `--set` only. */
  readonly kind: 'number' | 'text' | 'boolean' | 'other';
  /** Whether null is a value. */
  readonly nullable: boolean;
  /** Values, where they are a list of names. */
  readonly choices: readonly string[] | undefined;
  readonly default: Json;
  readonly description: string;
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: Json;
  readonly description?: string;
  readonly anyOf?: readonly Property[];
}

/** What the plan sets: no options of their own. */
const ofPlan = new Set(['experiment', 'arm', 'replicate']);

/** The options of an experiment's spec, in the order of its schema. */
export function schemaOptions(experiment: Experiment): SchemaOption[] {
  const { properties = {} } = z.toJSONSchema(experiment.schema, { io: 'input' }) as { properties?: Record<string, Property> };
  return Object.entries(properties)
    .filter(([name]) => !ofPlan.has(name))
    .map(([name, property]) => {
      const variants = property.anyOf ?? [property];
      const nullable = variants.some(({ type }) => type === 'null');
      const scalar = variants.filter(({ type }) => type !== 'null');
      const only = scalar.length === 1 ? scalar[0] : undefined;
      const choices = only?.enum?.every((value) => typeof value === 'string') ? (only.enum as readonly string[]) : undefined;
      return {
        name,
        flag: flagOf(name),
        kind: kindOf(only),
        nullable,
        choices,
        default: property.default ?? null,
        description: property.description ?? '',
      };
    });
}

function kindOf(property: Property | undefined): SchemaOption['kind'] {
  if (property?.type === 'integer' || property?.type === 'number') return 'number';
  if (property?.type === 'string') return 'text';
  return property?.type === 'boolean' ? 'boolean' : 'other';
}

/**
 * The flag of an option's name.
 * @example flagOf('fineTuneLength') // => 'fine-tune-length'
 */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
