/** One training of one ticket as a stage of a run: measured, checkpointed, certified, resumable. */
import type { Arrays, Values } from '../../array.js';
import { UserError } from '../../check.js';
import { density, densityByName, kept, type Mask, maskable } from '../../mask.js';
import { depth, parameterCount } from '../../model/shapes.js';
import { certify } from '../../ticket/certificate.js';
import type { Ticket } from '../../ticket/ticket.js';
import { ticketHash } from '../../ticket/ticketHash.js';
import { type PausingTraining, type Trained, type TrainRequest, trainInParts } from '../../train/train.js';
import type { Trainer } from '../../train/trainer.js';
import type { ProgressEvent, RunContext } from '../openRun.js';
import type { StageContext } from '../stage.js';
import { stageJournal } from './stageJournal.js';

export interface TrainStage {
  readonly name: string;
  readonly level: number;
  readonly ticket: Ticket;
  /** The mask of the level before, where this one must be a part of it. */
  readonly parentMask?: Mask;
  /** Kept weights that were asked for. */
  readonly expectedKept: number;
  /** What the ticket's weights must be equal to, before masking. */
  readonly origin: Arrays;
  /** Numbers to store for the kernels, where they are not the kept weights. */
  readonly stored?: number;
  readonly request: Omit<TrainRequest, 'mask' | 'weights'>;
  /** Shown with the progress of this stage. */
  readonly progress?: ProgressEvent;
  /** Weights of each layer at the end, where training prunes. Default: as many as at its start. */
  readonly keepAtEnd?: Readonly<Record<string, number>>;
  /** Takes the training through the pauses of the request, where the mask changes. Default: it is left alone. */
  readonly moves?: (training: PausingTraining, inside: StageContext) => Promise<Trained>;
}

export interface TrainedStage {
  readonly weights: Arrays;
  /** By iteration number. */
  readonly snapshots: Readonly<Record<number, Arrays>>;
  readonly mask: Mask;
}

/** Runs the stage, or reads its result. `open` is called only if there is something to train. */
export async function trainStage(context: RunContext, open: () => Promise<Trainer>, stage: TrainStage): Promise<TrainedStage> {
  const { arrays } = await context.stage(stage.name, (inside) => trainInside(context, inside, open, stage));
  return unpack(arrays);
}

async function trainInside(context: RunContext, inside: StageContext, open: () => Promise<Trainer>, stage: TrainStage) {
  const { ticket, level } = stage;
  const trainer = await open();
  if (trainer.fallback !== undefined) context.notice(`training runs on the engine '${trainer.engine}': ${trainer.fallback}`);
  trainer.load(ticket.mask, ticket.weights);
  const start = trainer.state();
  const request = { ...stage.request, mask: ticket.mask, weights: ticket.weights };
  const trained = await (stage.moves ?? undisturbed)(trainInParts(trainer, request, stageJournal(context, inside, stage)), inside);
  const { maskChecks, ...summary } = trained.summary;
  inside.certificate(
    certify({
      level,
      mask: ticket.mask,
      ...(stage.parentMask && { parentMask: stage.parentMask }),
      expectedKept: stage.expectedKept,
      origin: stage.origin,
      start: start.weights,
      startSlots: start.slots,
      trained: trained.weights,
      maskChecks,
      ...(request.pauses && {
        moved: { mask: trained.mask, updates: request.pauses.length, ...(stage.keepAtEnd && { keep: stage.keepAtEnd }) },
      }),
    }),
  );
  inside.row({
    kind: 'level',
    level,
    density: density(trained.mask),
    kept: kept(trained.mask),
    prunable: maskable(trained.mask),
    ...(stage.stored !== undefined && { stored: stage.stored }),
    parameters: parameterCount(ticket.architecture),
    depth: depth(ticket.architecture),
    layers: densityByName(trained.mask),
    ...summary,
    ticket: ticketHash(ticket),
    parent: ticket.origin.parent,
    operator: ticket.origin.operator,
    ...(trainer.decision && { engine: trainer.decision.engine }),
  });
  return { arrays: pack(trained.weights, trained.snapshots, trained.mask), info: {} };
}

async function undisturbed(training: PausingTraining): Promise<Trained> {
  let next = await training.next();
  while (!next.done) next = await training.next();
  return next.value;
}

/** Arrays of a training stage, as `unpack` reads them. */
export function pack(weights: Arrays, snapshots: Readonly<Record<number, Arrays>>, mask: Mask): Arrays<Values> {
  const groups: [string, Arrays<Values>][] = [
    ['weights', weights],
    ['mask', mask],
  ];
  for (const [step, arrays] of Object.entries(snapshots)) groups.push([`snapshot.${step}`, arrays]);
  return Object.fromEntries(
    groups.flatMap(([group, arrays]) => Object.entries(arrays).map(([name, array]) => [`${group}:${name}`, array])),
  );
}

/** The parts of a training stage's result. @throws UserError if it is the result of something else */
export function unpack(arrays: Arrays<Values>): TrainedStage {
  const groups = new Map<string, Record<string, never>>();
  for (const [name, array] of Object.entries(arrays)) {
    const at = name.indexOf(':');
    const group = groups.get(name.slice(0, at)) ?? {};
    group[name.slice(at + 1)] = array as never;
    groups.set(name.slice(0, at), group);
  }
  const weights = groups.get('weights');
  const mask = groups.get('mask');
  if (weights === undefined || mask === undefined)
    throw new UserError('a stage holds no trained network: it was written by another experiment');
  const snapshots: Record<number, Arrays> = {};
  for (const [group, inside] of groups) if (group.startsWith('snapshot.')) snapshots[Number(group.slice(9))] = inside;
  return { weights, mask, snapshots };
}
