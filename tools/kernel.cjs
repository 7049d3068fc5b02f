#!/usr/bin/env node
/**
 * The project's TypeScript kernel: an unmodified tslab, with what it gets wrong mended from outside (see tools/kernel/).
 * Started by Jupyter through tools/jupyter/kernels/tslab/kernel.json: `node tools/kernel.cjs CONNECTION_FILE`.
 */
'use strict';

const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** The mends reach into tslab's inside, so they hold for this version only. */
const PINNED = '1.0.22';
/** Least minor version by major: from there on, ES modules load by require. Later majors are fine. */
const NODE = { 20: 19, 22: 12 };

function refuse(message) {
  process.stderr.write(`neoteny kernel: ${message}\n`);
  process.exit(1);
}

function main([connectionFile]) {
  if (connectionFile === undefined) refuse('missing connection file; start it through Jupyter: node tools/jupyter.mjs lab');
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major <= 22 && !(minor >= NODE[major])) {
    refuse(`mismatched Node: expected 20.19, 22.12 or newer, found ${process.versions.node}`);
  }
  let manifest;
  try {
    manifest = require.resolve('tslab/package.json');
  } catch {
    refuse('missing tslab; run npm ci --ignore-scripts in the project');
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (version !== PINNED) refuse(`mismatched tslab: expected ${PINNED}, found ${version}; run npm ci --ignore-scripts`);

  const dist = join(dirname(manifest), 'dist');
  const load = (name) => require(join(dist, `${name}.js`));
  const tslab = {
    ts: require(require.resolve('@tslab/typescript-for-tslab', { paths: [dist] })),
    executor: load('executor'),
    converter: load('converter'),
    jupyter: load('jupyter'),
    version,
  };
  const interruption = require('./kernel/interruption.cjs').createInterruption();
  require('./kernel/mendTimers.cjs').mendTimers(tslab);
  require('./kernel/mendConverter.cjs').mendConverter(tslab);
  const cell = require('./kernel/mendExecutor.cjs').mendExecutor(tslab, interruption);
  require('./kernel/mendProtocol.cjs').mendProtocol(tslab, interruption, cell);
  endWithJupyter();
  // Not tslab's main(): that would hand over to whatever tslab lies above the notebook's folder.
  load('main').startKernel({ configPath: connectionFile, enableFindLocal: false, jsKernel: false, globalVersion: version });
  require('./kernel/describeError.cjs').printStrayErrors();
}

/** A kernel whose Jupyter was killed would live on for ever. */
function endWithJupyter() {
  const parent = process.ppid;
  if (process.env.JPY_PARENT_PID === undefined) return;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 2000).unref();
}

main(process.argv.slice(2));
