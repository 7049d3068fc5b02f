/** A session holds variables and runs programs on them, eagerly or as a compiled graph. */
import type { Arrays, Values } from '../array.js';
import { UserError } from '../check.js';
import { openTensorflow, tf } from '../model/tensorflow.js';
import { compiledSession } from './compiledSession.js';
import { eagerSession } from './eagerSession.js';
import type { InputValues, OutputValues, Program, VariableSpec } from './program.js';

export interface Session {
  readonly engine: 'compiled' | 'eager';
  /** Why a compiled session was not to be had, where one was wished. */
  readonly fallback?: string;
  /** Runs a program and returns its outputs, flattened. @throws UserError for unknown programs and wrong input sizes */
  run(program: string, inputs: InputValues): OutputValues;
  /** Sets variables; others keep their values. Shapes must match. */
  write(values: Arrays<Values>): void;
  /** Values of float32 variables. */
  read(names: readonly string[]): Arrays;
  /** Frees the graph and all variables. */
  close(): void;
}

export interface SessionSpec {
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly programs: Readonly<Record<string, Program>>;
}

export type EngineChoice = 'auto' | 'compiled' | 'eager';

/**
 * Opens a session. `compiled` needs the native backend and programs that can be traced, and throws where that fails;
 * `auto` then says why in `fallback` and goes on eagerly, with the same results up to rounding.
 */
export async function openSession(spec: SessionSpec, choice: EngineChoice = 'auto'): Promise<Session> {
  await openTensorflow();
  if (choice === 'eager') return eagerSession(spec);
  const native = tf.getBackend() === 'tensorflow';
  if (choice === 'compiled' && !native) {
    throw new UserError(
      `missing native TensorFlow: the compiled engine cannot run on the '${tf.getBackend()}' backend; choose engine 'auto'`,
    );
  }
  if (!native) return { ...eagerSession(spec), fallback: `the '${tf.getBackend()}' backend runs programs operation by operation` };
  try {
    return await compiledSession(spec);
  } catch (error) {
    if (choice === 'compiled' || !(error instanceof UserError)) throw error;
    return { ...eagerSession(spec), fallback: error.message };
  }
}
