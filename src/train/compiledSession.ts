/** Programs traced once into a TensorFlow graph and run as one call each; variables live in the session between calls. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { size } from '../array.js';
import { lookUp, mismatched, UserError } from '../check.js';
import { nativeBackend } from '../model/nativeBackend.js';
import { checkInputs } from './eagerSession.js';
import { savedModelBytes } from './graph.js';
import { ownedTensor } from './ownedTensor.js';
import type { OutputValues } from './program.js';
import type { Session, SessionSpec } from './session.js';
import { traceProgram, variableNodes } from './trace.js';

/**
 * Traces all programs into one graph and opens a TensorFlow session on it.
 * @throws UserError if a program cannot be traced or TensorFlow refuses the graph
 */
export async function compiledSession({ variables, programs }: SessionSpec): Promise<Session> {
  const { binding } = nativeBackend();
  const traced = Object.fromEntries(Object.entries(programs).map(([name, program]) => [name, traceProgram(name, program, variables)]));
  const nodes = [...variableNodes(variables), ...Object.values(traced).flatMap((program) => program.nodes)];
  const id = await load(savedModelBytes(nodes));
  let closed = false;

  const call = (feeds: readonly [node: string, tensor: number][], fetches: readonly string[]): { id: number; shape: number[] }[] => {
    if (closed) throw new UserError('this session is closed');
    try {
      return binding.runSavedModel(
        id,
        feeds.map(([, tensor]) => tensor),
        feeds.map(([node]) => node).join(),
        fetches.join(),
      );
    } catch (error) {
      throw new UserError(`TensorFlow failed in a compiled step: ${(error as Error).message}`);
    } finally {
      for (const [, tensor] of feeds) binding.deleteTensor(tensor);
    }
  };
  const take = (tensor: number): Float32Array => {
    const values = binding.tensorDataSync(tensor);
    binding.deleteTensor(tensor);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  };
  const plans = Object.fromEntries(
    Object.entries(traced).map(([name, { inputs, outputs }]) => {
      const feeds = Object.entries(inputs).map(([input, node]) => {
        const { shape, dtype } = lookUp('input', input, lookUp('program', name, programs).inputs);
        return { input, node, shape, dtype: dtype === 'float32' ? binding.TF_FLOAT : binding.TF_INT32 };
      });
      return [name, { feeds, keys: Object.keys(outputs), fetches: Object.values(outputs) }];
    }),
  );

  const session: Session = {
    engine: 'compiled',
    run(name, inputs) {
      const plan = lookUp('program', name, plans);
      checkInputs(name, lookUp('program', name, programs), inputs);
      const feeds = plan.feeds.map(({ input, node, shape, dtype }): [string, number] => [
        node,
        ownedTensor(binding, shape, dtype as number, inputs[input] as Float32Array | Int32Array),
      ]);
      const results = call(feeds, plan.fetches);
      const outputs: OutputValues = {};
      plan.keys.forEach((key, i) => {
        outputs[key] = take((results[i] as { id: number }).id);
      });
      return outputs;
    },
    write(values) {
      const entries = Object.entries(values).map(([name, { values: data }]) => {
        const { shape, dtype } = lookUp('variable', name, variables);
        if (data.length !== size(shape))
          throw mismatched(`variable '${name}'`, `shape [${shape}]`, `${data.length} values`, 'pass all of them');
        const bytes = dtype === 'uint8';
        const typed = bytes
          ? data instanceof Uint8Array
            ? data
            : Uint8Array.from(data)
          : data instanceof Float32Array
            ? data
            : Float32Array.from(data);
        return { name, shape, dtype: (bytes ? binding.TF_UINT8 : binding.TF_FLOAT) as number, typed };
      });
      if (entries.length === 0) return;
      const feeds = entries.map(({ name, shape, dtype, typed }): [string, number] => [
        `set/${name}`,
        ownedTensor(binding, shape, dtype, typed),
      ]);
      for (const { id: tensor } of call(
        feeds,
        entries.map(({ name }) => `done/${name}`),
      ))
        binding.deleteTensor(tensor);
    },
    read(names) {
      for (const name of names) lookUp('variable', name, variables);
      if (names.length === 0) return {};
      const results = call(
        [],
        names.map((name) => `value/${name}`),
      );
      return Object.fromEntries(
        names.map((name, i) => [
          name,
          { shape: (variables[name] as { shape: number[] }).shape, values: take((results[i] as { id: number }).id) },
        ]),
      );
    },
    close() {
      if (closed) return;
      closed = true;
      binding.deleteSavedModel(id);
    },
  };
  // Variables start at 0, as in an eager session; data sets are written by their owner.
  const floats = Object.entries(variables).filter(([, { dtype }]) => dtype !== 'uint8');
  session.write(Object.fromEntries(floats.map(([name, { shape }]) => [name, { shape, values: new Float32Array(size(shape)) }])));
  return session;

  async function load(bytes: Uint8Array): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'neoteny-graph-'));
    try {
      await writeFile(join(folder, 'saved_model.pb'), bytes);
      return binding.loadSavedModel(folder, 'serve');
    } catch (error) {
      throw new UserError(`TensorFlow refused a compiled graph: ${(error as Error).message}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
