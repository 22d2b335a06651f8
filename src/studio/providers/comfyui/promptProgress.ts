import type { WorkflowGraph } from '../../../protocol/studioValues.ts';
import { type GraphNode, titleOf } from '../../workflows/graph.ts';
import type { SocketMessage } from './socketMessages.ts';

/** A sampler takes as long as so many other nodes: what a person waits for is its steps. */
const SAMPLER_WEIGHT = 20;

/** How far a prompt is, from what its socket says. Never goes back, since a socket may miss things. */
export class PromptProgress {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #shares = new Map<string, number>();
  #node: string | undefined;
  #steps: { readonly value: number; readonly max: number } | undefined;
  #share = 0;

  constructor(graph: WorkflowGraph) {
    this.#nodes = new Map(Object.entries(graph));
  }

  /** From 0 to 1. */
  get share(): number {
    return this.#share;
  }

  /** What goes on, in a few words: `Sampler, step 4 of 20`. */
  get text(): string {
    const node = this.#nodes.get(this.#node ?? '');
    const title = node === undefined ? 'Running' : titleOf(node);
    return this.#steps === undefined ? title : `${title}, step ${this.#steps.value} of ${this.#steps.max}`;
  }

  /** @returns whether something changed */
  take(message: SocketMessage): boolean {
    switch (message.kind) {
      case 'cached':
        for (const node of message.nodes) this.#shares.set(node, 1);
        break;
      case 'executing':
        this.#enter(message.node ?? undefined);
        break;
      case 'progress':
        if (message.node !== undefined) this.#enter(message.node);
        if (this.#node !== undefined) this.#step(this.#node, message.value, message.max);
        break;
      case 'states':
        for (const { node, value, max, state } of message.nodes) {
          if (state === 'finished') this.#shares.set(node, 1);
          else if (state === 'running') {
            this.#enter(node);
            if (max > 1) this.#step(node, value, max);
          }
        }
        break;
      case 'over':
      case 'preview':
        return false;
    }
    this.#share = Math.max(this.#share, this.#sum());
    return true;
  }

  #enter(node: string | undefined): void {
    if (node === this.#node || node === undefined) return;
    // One node runs at a time: those before it are done.
    if (this.#node !== undefined) this.#shares.set(this.#node, 1);
    this.#node = node;
    this.#steps = undefined;
  }

  #step(node: string, value: number, max: number): void {
    this.#steps = { value: Math.min(value, max), max };
    this.#shares.set(node, Math.min(1, value / max));
  }

  #sum(): number {
    let [done, all] = [0, 0];
    for (const [id, node] of this.#nodes) {
      const weight = /sampler/i.test(node.class_type) ? SAMPLER_WEIGHT : 1;
      all += weight;
      done += weight * (this.#shares.get(id) ?? 0);
    }
    return all === 0 ? 0 : done / all;
  }
}
