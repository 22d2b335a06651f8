import * as z from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { isCanceled, LakesideError, toLakesideError } from '../../../base/errors.ts';
import type { InputField, WorkflowGraph } from '../../../protocol/studioValues.ts';
import { applyValues, type BoundWorkflow } from '../../workflows/applyValues.ts';
import { checkWorkflow } from '../../workflows/checkWorkflow.ts';
import { classesOf } from '../../workflows/graph.ts';
import type { NodeDescriptions } from '../../workflows/nodeDescription.ts';
import { workflowFields } from '../../workflows/workflowFields.ts';
import type { PartContext, PartRequest, ProducedImage, Provider, ProviderCapabilities, Ticket } from '../provider.ts';
import { ComfyuiClient, type ComfyuiServerSettings } from './comfyuiClient.ts';
import { COMFYUI_LIMITS, type ComfyuiLimits } from './comfyuiHttp.ts';
import { inputImages, readInputImage } from './inputImages.ts';
import { allOutputsNamed, nameOutputs } from './outputNames.ts';
import { findPrompt } from './findPrompt.ts';
import { observePrompt, outcomeUnknown } from './observePrompt.ts';

export interface ComfyuiOptions {
  readonly servers: readonly ComfyuiServerSettings[];
  readonly clock: Clock;
  readonly limits?: Partial<ComfyuiLimits>;
}

/** What a prompt is found by. Only the submission names it for certain on servers that give ids of their own. */
const ticketSchema = z.object({
  server: z.object({ name: z.string(), url: z.string() }),
  prompt: z.string().min(1),
  /** False when the server took it without a word, or did not take it: it is looked for first. */
  sure: z.boolean(),
});
type PromptTicket = z.infer<typeof ticketSchema>;

/** Runs workflows on ComfyUI servers, the least busy first. */
export class ComfyuiProvider implements Provider {
  readonly name = 'comfyui';
  readonly kind = 'comfyui';
  readonly detail: string;
  readonly capabilities: ProviderCapabilities;
  readonly #clients: readonly ComfyuiClient[];
  readonly #clock: Clock;
  readonly #limits: ComfyuiLimits;
  /** Parts that are on their way to a server, which its queue does not show yet. */
  readonly #onTheWay = new Map<ComfyuiClient, number>();

  constructor(options: ComfyuiOptions) {
    this.#clock = options.clock;
    this.#limits = { ...COMFYUI_LIMITS, ...options.limits };
    this.#clients = options.servers.map((server) => new ComfyuiClient(server, this.#clock, this.#limits));
    const [only] = this.#clients;
    this.detail = this.#clients.length === 1 && only !== undefined ? only.url : `${this.#clients.length} servers`;
    this.capabilities = {
      workflows: true,
      seeds: true,
      parallel: this.#clients.reduce((sum, { maxConcurrent }) => sum + maxConcurrent, 0),
      needsTrust: false,
    };
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#first((client) => client.check(signal));
  }

  /**
   * What the first server that answers says of these classes; those it lacks are not among them.
   * @throws LakesideError why none answers
   */
  describe(kinds: readonly string[], signal: AbortSignal): Promise<NodeDescriptions> {
    return this.#first((client) => client.describe(kinds, signal));
  }

  async fields(
    workflow: Omit<BoundWorkflow, 'name'> | undefined,
    signal: AbortSignal,
  ): Promise<{ fields: InputField[]; problems: { code: string; message: string }[] }> {
    if (workflow === undefined) return { fields: [], problems: [] };
    const kinds = classesOf(workflow.graph);
    try {
      const { server, descriptions } = await this.#first(async (client) => ({
        server: client.name,
        descriptions: await client.describe(kinds, signal),
      }));
      const fields = workflowFields(workflow, descriptions);
      const missing = kinds.filter((kind) => !descriptions.has(kind));
      if (missing.length === 0) return { fields, problems: [] };
      const message = `ComfyUI "${server}" lacks nodes of this workflow: ${missing.join(', ')}. Install what brings them, and restart it.`;
      return { fields, problems: [{ code: 'WORKFLOW_NODE_MISSING', message }] };
    } catch (error) {
      if (!(error instanceof LakesideError) || isCanceled(error)) throw error;
      return { fields: workflowFields(workflow), problems: [{ code: error.code, message: error.message }] };
    }
  }

  async submit(request: PartRequest, context: PartContext): Promise<Ticket> {
    const workflow = workflowOf(request);
    const { generation, merged } = request.snapshot;
    const images = inputImages(workflow, generation.values);
    const wanted = { prompt: merged.prompt, negative: merged.negative, seed: request.seed };
    const checked = applyValues(workflow, { ...wanted, values: generation.values });
    // What is uploaded is not among a server's choices yet.
    const uploads = workflow.bindings.filter(({ name }) => images.some((image) => image.name === name));
    for (const { node, input } of uploads) delete checked[node]?.inputs[input];

    context.progress(0, 'Looking for a server');
    const client = await this.#choose(checked, workflow.name, context.signal);
    try {
      const values = { ...generation.values };
      for (const image of images) {
        context.progress(0, 'Sending the image');
        const { name, bytes } = await readInputImage(image);
        values[image.name] = await client.upload(name, bytes, context.signal);
      }
      const graph = nameOutputs(applyValues(workflow, { ...wanted, values }), request.submission);
      return { ...(await this.#send(client, graph, request.submission, context.signal)) };
    } finally {
      this.#reserve(client, -1);
    }
  }

  async adopt(request: PartRequest, ticket: Ticket | undefined, { signal }: PartContext): Promise<Ticket | undefined> {
    const known = ticket === undefined ? undefined : ticketSchema.safeParse(ticket).data;
    if (known !== undefined) {
      const client = this.#clientOf(known);
      const found = await findPrompt(
        client,
        workflowOf(request).graph,
        { ...known, submission: request.submission },
        signal,
      );
      if (found !== undefined) return { ...known, prompt: found, sure: true };
      if (known.sure && !allOutputsNamed(workflowOf(request).graph)) throw outcomeUnknown(client.name);
      return undefined;
    }
    let away: unknown;
    for (const client of this.#clients) {
      try {
        const wanted = { prompt: request.submission, submission: request.submission, sure: false };
        const found = await findPrompt(client, workflowOf(request).graph, wanted, signal);
        if (found !== undefined) return { ...ticketOf(client, found, true) };
      } catch (error) {
        if (signal.aborted) throw error;
        away ??= error;
      }
    }
    // It may be on the server that does not answer: neither found nor certainly not sent.
    if (away !== undefined) throw toLakesideError(away);
    return undefined;
  }

  observe(request: PartRequest, ticket: Ticket, context: PartContext): Promise<readonly ProducedImage[]> {
    const known = ticketSchema.parse(ticket);
    return observePrompt({
      client: this.#clientOf(known),
      graph: workflowOf(request).graph,
      submission: request.submission,
      prompt: known.prompt,
      sure: known.sure,
      limits: this.#limits,
      context,
    });
  }

  async cancel(request: PartRequest, ticket: Ticket, signal: AbortSignal): Promise<void> {
    const known = ticketSchema.parse(ticket);
    const client = this.#clientOf(known);
    // A waiting prompt may begin to run between the question and the command.
    for (let turn = 0; turn < 3; turn++) {
      const { running, pending, byClient } = await client.queue(signal);
      const id = byClient.get(request.submission) ?? known.prompt;
      if (running.includes(id)) {
        await client.interrupt(id, signal);
        return;
      }
      if (!pending.includes(id)) return;
      await client.removePending(id, signal);
    }
  }

  /** What the first server gives that can; else why the first cannot. */
  async #first<T>(ask: (client: ComfyuiClient) => Promise<T>): Promise<T> {
    const answers = await Promise.allSettled(this.#clients.map(ask));
    const good = answers.find((answer) => answer.status === 'fulfilled');
    if (good !== undefined) return good.value;
    const bad = answers.find((answer) => answer.status === 'rejected');
    throw bad === undefined ? noServer() : bad.reason;
  }

  /** Reserves the least busy of the servers that can run the graph. @throws LakesideError why none can */
  async #choose(graph: WorkflowGraph, workflowName: string, signal: AbortSignal): Promise<ComfyuiClient> {
    const problems: unknown[] = [];
    const asked = await Promise.all(
      this.#clients.map(async (client) => {
        try {
          const { running, pending } = await client.queue(signal);
          return [{ client, queued: running.length + pending.length }];
        } catch (error) {
          problems.push(error);
          return [];
        }
      }),
    );
    // What a server that answers says of the workflow is of more use than that another one is away.
    let unfit: unknown;
    const candidates = asked.flat();
    while (candidates.length > 0) {
      const load = ({ client, queued }: { client: ComfyuiClient; queued: number }): number =>
        (queued + (this.#onTheWay.get(client) ?? 0)) / client.maxConcurrent;
      const least = candidates.reduce((best, other) => (load(other) < load(best) ? other : best));
      candidates.splice(candidates.indexOf(least), 1);
      const { client } = least;
      this.#reserve(client, 1);
      try {
        checkWorkflow(graph, workflowName, await client.describe(classesOf(graph), signal), client.name);
        return client;
      } catch (error) {
        this.#reserve(client, -1);
        if (signal.aborted) throw error;
        unfit ??= error;
      }
    }
    throw toLakesideError(unfit ?? problems[0] ?? noServer());
  }

  #reserve(client: ComfyuiClient, parts: 1 | -1): void {
    this.#onTheWay.set(client, (this.#onTheWay.get(client) ?? 0) + parts);
  }

  async #send(
    client: ComfyuiClient,
    graph: WorkflowGraph,
    submission: string,
    signal: AbortSignal,
  ): Promise<PromptTicket> {
    for (let turn = 0; ; turn++) {
      try {
        return ticketOf(client, await client.prompt(graph, submission, submission, signal), true);
      } catch (error) {
        // Refused is refused. Anything else may have happened after the prompt was taken: it is never sent blindly again.
        if (signal.aborted || !isUnsure(error)) throw error;
        const wanted = { prompt: submission, submission, sure: false };
        const found = await findPrompt(client, graph, wanted, signal).catch((problem: unknown) => {
          if (isCanceled(problem)) throw problem;
          return 'unknown' as const;
        });
        if (found === 'unknown') return ticketOf(client, submission, false);
        if (found !== undefined) return ticketOf(client, found, true);
        if (turn > 0) throw error;
      }
    }
  }

  #clientOf({ server }: PromptTicket): ComfyuiClient {
    return this.#clients.find(({ url }) => url === server.url) ?? new ComfyuiClient(server, this.#clock, this.#limits);
  }
}

function ticketOf({ name, url }: ComfyuiClient, prompt: string, sure: boolean): PromptTicket {
  return { server: { name, url }, prompt, sure };
}

/** Whether a failed prompt may have been queued all the same: only an answer of ComfyUI's own says that it was not. */
function isUnsure(error: unknown): boolean {
  if (!(error instanceof LakesideError) || isCanceled(error)) return false;
  return error.code === 'PROVIDER_AWAY' || error.code === 'PROVIDER_TIMEOUT' || error.code === 'PROVIDER_NONSENSE';
}

function workflowOf({ snapshot }: PartRequest): BoundWorkflow {
  if (snapshot.workflow !== undefined) return snapshot.workflow;
  throw new LakesideError('WORKFLOW_UNKNOWN', 'validation', 'ComfyUI needs a workflow. Choose one.');
}

function noServer(): LakesideError {
  return new LakesideError(
    'PROVIDER_UNKNOWN',
    'validation',
    'No ComfyUI server is set up. Add one to the setting lakeside.comfyui.servers.',
  );
}
