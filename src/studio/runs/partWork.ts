import { join } from 'node:path';

import { untilAborted } from '../../base/abort.ts';
import { removeTree } from '../../base/binaryFile.ts';
import { isCanceled, type LakesideError, toLakesideError } from '../../base/errors.ts';
import type { PartRow } from '../../store/runStore.ts';
import type { PartContext, PartRequest, Ticket } from '../providers/provider.ts';
import { cancelPart } from './cancelPart.ts';
import { PartImages } from './partImages.ts';
import { fateOfPart, nextPartStep, type PartStage } from './partStates.ts';
import type { RunPreviews } from './runPreviews.ts';
import type { RunProgress } from './runProgress.ts';
import { type RunUnderWay, write } from './runTools.ts';

/** Where a part stands, for who has to clear up after a failure. */
interface Standing {
  stage: PartStage;
  request: PartRequest;
  ticket: Ticket | undefined;
  /** Something was sent, or may have been. */
  sent: boolean;
}

/** Makes the parts of one run: sends or takes up, waits, checks, stores. */
export class PartWork {
  readonly #run: RunUnderWay;
  readonly #previews: RunPreviews;
  readonly #progress: RunProgress;
  readonly #images: PartImages;

  constructor(run: RunUnderWay, previews: RunPreviews, progress: RunProgress) {
    this.#run = run;
    this.#previews = previews;
    this.#progress = progress;
    this.#images = new PartImages(run);
  }

  /** @throws LakesideError why there is no image; the part is left so that the next attempt does right */
  async perform(part: PartRow): Promise<void> {
    const standing = this.#standing(part);
    try {
      if (await this.#make(part, standing)) this.#progress.done(part.part);
    } catch (caught) {
      const error = toLakesideError(caught);
      await this.#clearUp(part, standing, error).catch((problem: unknown) => this.#tell(problem));
      throw error;
    }
  }

  /** Ends a part that was sent by an earlier process and is no longer wanted. */
  async end(part: PartRow): Promise<void> {
    await this.#cancel(part, this.#standing(part));
  }

  async #make(part: PartRow, standing: Standing): Promise<boolean> {
    const { tools, provider, context } = this.#run;
    const { runs } = tools;
    const run = this.#run.snapshot.run;
    const within = this.#context(part.part, context.signal);
    if (nextPartStep(part.status) === 'takeUp') {
      standing.stage = 'takeUp';
      if (await this.#images.takeUp(part, standing.request.submission)) return this.#cleared(standing);
      const ticket = await this.#held(provider.adopt(standing.request, standing.ticket, within));
      if (ticket === undefined) await removeTree(standing.request.scratch);
      standing.ticket = ticket;
      standing.sent = ticket !== undefined;
    }
    if (standing.ticket === undefined) {
      standing.stage = 'submit';
      standing.request = { ...standing.request, submission: tools.newSubmission() };
      const { submission } = standing.request;
      await write(this.#run, () => runs.markSubmitted(context.lease, run, part.part, submission));
      standing.sent = true;
      standing.ticket = await this.#held(provider.submit(standing.request, within));
    }
    const { ticket } = standing;
    standing.stage = 'store';
    await write(this.#run, () => runs.keepTicket(context.lease, run, part.part, ticket));
    standing.stage = 'observe';
    const produced = await this.#held(provider.observe(standing.request, ticket, within));
    standing.stage = 'check';
    const checked = await this.#images.check(produced);
    standing.stage = 'store';
    await this.#images.store(part, standing.request.submission, checked);
    return this.#cleared(standing);
  }

  async #cleared({ request }: Standing): Promise<true> {
    await removeTree(request.scratch).catch((error: unknown) => this.#tell(error));
    return true;
  }

  async #clearUp(part: PartRow, standing: Standing, error: LakesideError): Promise<void> {
    const { context } = this.#run;
    if (context.signal.aborted) {
      if (isCanceled(context.signal.reason)) await this.#cancel(part, standing);
      return; // Else the engine stops or the lease is lost: whoever goes on finds the part as it is.
    }
    if (error.code === 'LEASE_LOST' || !standing.sent) return;
    const fate = fateOfPart(standing.stage, error);
    if (fate === 'cancel') await this.#cancel(part, standing);
    else if (fate === 'reset') await this.#reset(part, standing);
  }

  async #cancel(part: PartRow, standing: Standing): Promise<void> {
    if (!standing.sent) return;
    const { provider, context } = this.#run;
    const within = this.#context(part.part, context.signal);
    await cancelPart(provider, standing.request, standing.ticket, within).catch((error: unknown) => this.#tell(error));
    await this.#reset(part, standing);
  }

  async #reset(part: PartRow, { request }: Standing): Promise<void> {
    const { tools, snapshot, context } = this.#run;
    await write(this.#run, () => tools.runs.resetPart(context.lease, snapshot.run, part.part));
    await removeTree(request.scratch);
  }

  /** A provider that does not listen must not keep the run from being canceled. */
  #held<T>(promise: Promise<T>): Promise<T> {
    return untilAborted(promise, this.#run.context.signal, 'The run');
  }

  #standing(part: PartRow): Standing {
    const { tools, snapshot } = this.#run;
    return {
      stage: 'submit',
      request: {
        snapshot,
        part: part.part,
        seed: part.seed,
        submission: part.submission ?? '',
        scratch: join(tools.scratchDir, snapshot.run, String(part.part)),
      },
      ticket: part.ticket ?? undefined,
      sent: part.status === 'submitted',
    };
  }

  #context(part: number, signal: AbortSignal): PartContext {
    return {
      clock: this.#run.tools.clock,
      signal,
      progress: (share, text) => this.#progress.set(part, share, text),
      preview: (image) => this.#previews.show(part, image),
    };
  }

  #tell(problem: unknown): void {
    this.#run.tools.onProblem(toLakesideError(problem));
  }
}
