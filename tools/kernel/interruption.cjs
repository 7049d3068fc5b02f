'use strict';

/** What a stopped cell ends with. */
class Interrupted extends Error {
  constructor() {
    super('the cell was stopped');
    this.name = 'Interrupted';
  }
}

/**
 * The stop button in two presses. Library code puts a function into the Set `globalThis[Symbol.for('neoteny.interrupt')]`:
 * the first press in a cell calls these, and the work they belong to returns what it has, so the cell ends as usual.
 * A second press, or the first when there is nothing to call, ends the cell at its next `await`.
 */
function createInterruption() {
  const softStops = new Set();
  globalThis[Symbol.for('neoteny.interrupt')] = softStops;
  const hardStops = new Set();
  let asked = false;

  /** Resolves as `value` does, or rejects at a hard stop. */
  function guard(value) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || typeof value.then !== 'function') return value;
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Interrupted());
      hardStops.add(stop);
      const settle = (done) => (outcome) => {
        hardStops.delete(stop);
        done(outcome);
      };
      // Not Promise.race: against one long-lived promise that would keep every awaited value alive.
      Promise.resolve(value).then(settle(resolve), settle(reject));
    });
  }

  /** The values of `iterable`; a hard stop asks its generator to return. */
  async function* each(iterable) {
    const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
    let open = true;
    try {
      for (;;) {
        const step = await guard(iterator.next());
        if (step.done) {
          open = false;
          return;
        }
        yield await guard(step.value);
      }
    } catch (error) {
      // The generator may be amid a step: it returns after that, nobody has to wait for it.
      if (error instanceof Interrupted) Promise.resolve(iterator.return?.()).catch(() => {});
      open = false;
      throw error;
    } finally {
      if (open) await iterator.return?.();
    }
  }

  return {
    guard,
    each,
    /** A new cell begins: its first press is a first press again. */
    begin: () => {
      asked = false;
    },
    /** One press. Returns whether it was a hard one. */
    press: () => {
      if (softStops.size > 0 && !asked) {
        asked = true;
        for (const stop of [...softStops]) stop();
        return false;
      }
      for (const stop of [...hardStops]) stop();
      hardStops.clear();
      return true;
    },
  };
}

module.exports = { createInterruption, Interrupted };
