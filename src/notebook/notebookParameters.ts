/** The parameters of a notebook, as its reader should see them. */
import { invalid } from '../check.js';
import { type Displayable, jupyterDisplay } from './display.js';
import { type Scale, currentScale } from './scale.js';
import { tableHtml } from './tableText.js';

/** What a parameter can be: what a command line can say. */
export type ParameterValue = string | number | boolean | null | readonly ParameterValue[] | { readonly [name: string]: ParameterValue };

/**
 * Checks the parameters once they have their final values (after the cell that `neoteny notebook run` may insert) and
 * returns them, frozen. As the last expression of a cell it shows them as a table, with the scale.
 *
 * @throws UserError if a value is not JSON: a number that is not finite, a function, undefined
 */
export function notebookParameters<T extends Readonly<Record<string, ParameterValue>>>(
  values: T,
  chosen: Scale = currentScale(),
): Readonly<T> & Displayable {
  for (const [name, value] of Object.entries(values)) checkParameter(name, value);
  const rows = [['scale', chosen], ...Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])] as [string, string][];
  const shown = {
    'text/html': tableHtml({ columns: ['parameter', 'value'], rows }),
    'text/plain': rows.map(([name, value]) => `${name} = ${value}`).join('\n'),
  };
  // Not enumerable: the parameters stay plain data for everything else.
  return Object.freeze(Object.defineProperty({ ...values }, jupyterDisplay, { value: () => shown })) as Readonly<T> & Displayable;
}

function checkParameter(name: string, value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'object') {
    for (const [inner, item] of Object.entries(value)) checkParameter(`${name}.${inner}`, item);
    return;
  }
  throw invalid(`parameter ${name}`, 'a string, a finite number, true, false, null, or a list or record of these', value);
}
