import { architectureDiagram } from '../../figure/architectureDiagram.js';
import type { Architecture } from '../../model/architecture.js';
import { depth, outputShape, parameterCount, parameters } from '../../model/shapes.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { MimeBundle } from '../display.js';
import { tableText } from '../tableText.js';
import type { Kind } from './kind.js';
import { pictureHtml } from './pictureHtml.js';

/** An architecture as a diagram of its layers with shapes and parameters. */
export const architectureKind: Kind<Architecture> = { is: isArchitecture, bundle: architectureBundle };

export function isArchitecture(value: unknown): value is Architecture {
  if (!isPlainObject(value) || typeof value['name'] !== 'string') return false;
  const { input, layers } = value;
  const isLayer = (layer: unknown): boolean => isPlainObject(layer) && typeof layer['type'] === 'string';
  return Array.isArray(input) && input.every((side) => typeof side === 'number') && Array.isArray(layers) && layers.every(isLayer);
}

/** One line: name, shapes, size. */
export function architectureLine(architecture: Architecture): string {
  const count = parameterCount(architecture).toLocaleString('en');
  return `${architecture.name}, [${architecture.input.join(', ')}] to [${outputShape(architecture).join(', ')}], ${count} parameters, depth ${depth(architecture)}`;
}

async function architectureBundle(architecture: Architecture): Promise<MimeBundle> {
  const line = architectureLine(architecture);
  const rows = parameters(architecture).map(({ name, shape }) => [name, shape.join(' × '), shape.reduce((a, b) => a * b, 1)]);
  return {
    'text/html': await pictureHtml(architectureDiagram(architecture), `Architecture ${line}`),
    'text/plain': `${line}\n${tableText({ columns: ['parameter', 'shape', 'values'], rows })}`,
  };
}
