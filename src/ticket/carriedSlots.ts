import { type Arrays, get, mapEach } from '../array.js';
import type { Mask } from '../mask.js';

/** The optimizer's slots (`slot/parameter`) when a mask changes in the middle of a training: 0 for weights that are new or gone. */
export function carriedSlots(slots: Arrays, before: Mask, after: Mask): Arrays {
  return mapEach(slots, ({ shape, values }, name) => {
    const parameter = name.slice(name.indexOf('/') + 1);
    if (!Object.hasOwn(after, parameter)) return { shape, values };
    const [was, is, carried] = [get(before, parameter).values, get(after, parameter).values, values.slice()];
    for (let i = 0; i < carried.length; i++) if (was[i] === 0 || is[i] === 0) carried[i] = 0;
    return { shape, values: carried };
  });
}
