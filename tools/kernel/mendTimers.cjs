'use strict';

/**
 * TypeScript's watcher has two timers: one to build the program again, and one, when folders changed, to look again for modules that
 * were not found. tslab 1.0.22 has room for the first only: a cell that ran after a file had appeared near the notebook failed with
 * "Unexpected pending rebuildTimer". Here the second gets a real timer, and tslab the first, which it fires itself.
 *
 * tslab sets its timers on an object that inherits from TypeScript's `sys`; a setter there sees them.
 */
function mendTimers({ ts }) {
  for (const [name, mend] of Object.entries({ setTimeout: mendSet, clearTimeout: mendClear })) {
    const { [name]: original } = ts.sys;
    Object.defineProperty(ts.sys, name, {
      configurable: true,
      get: () => original,
      set(value) {
        Object.defineProperty(this, name, { configurable: true, writable: true, value: mend(value) });
      },
    });
  }
}

/** Timers that are not tslab's. */
const others = new Set();

function mendSet(setRebuild) {
  return (callback, milliseconds, ...args) => {
    if (callback.name === 'updateProgramWithWatchStatus') return setRebuild(callback, milliseconds, ...args);
    const timer = setTimeout(() => {
      others.delete(timer);
      callback(...args);
    }, milliseconds).unref();
    others.add(timer);
    return timer;
  };
}

function mendClear(clearRebuild) {
  return (timer) => {
    if (others.delete(timer)) clearTimeout(timer);
    else clearRebuild(timer);
  };
}

module.exports = { mendTimers };
