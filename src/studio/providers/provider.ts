import type * as z from 'zod';

import type { Clock } from '../../base/clock.ts';
import type { InputField, ProviderKind, RunSnapshot, Workflow, WorkflowGraph } from '../../protocol/studioValues.ts';

/** What a provider finds its work by, in this process or a later one: JSON, checked by the provider when it comes back. */
export type Ticket = Readonly<Record<string, z.core.util.JSONType>>;

/** One part of a run: what is asked of the provider at once. */
export interface PartRequest {
  readonly snapshot: RunSnapshot;
  /** From 1. */
  readonly part: number;
  readonly seed: number;
  /** A lower-case UUID, kept by us before anything is sent: the provider may know its work by it. */
  readonly submission: string;
  /** Absolute path of a folder of this part alone, the same after a restart; removed when the part is done. */
  readonly scratch: string;
}

export interface PartContext {
  readonly clock: Clock;
  /**
   * Aborted when nobody waits here any more: the run was canceled, or this process ends. Stop waiting, and leave the work
   * alone: `cancel` is called where it is to end.
   */
  readonly signal: AbortSignal;
  /** From 0 to 1, with what goes on in a few words. */
  progress(share: number, text?: string): void;
  /** A picture of what is being made, small; each replaces the one before. */
  preview(image: { readonly mime: 'image/jpeg' | 'image/png' | 'image/webp'; readonly bytes: Uint8Array }): void;
}

/** An image as it came; nothing is believed of it until it was decoded. */
export type ProducedImage =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Absolute path of a file that is ours to take. */
  | { readonly kind: 'file'; readonly path: string };

export interface ProviderCapabilities {
  /** It runs a workflow in ComfyUI's API format. */
  readonly workflows: boolean;
  /** The same seed makes the same image. */
  readonly seeds: boolean;
  /** How many parts of a run are worth sending at once. */
  readonly parallel: number;
  /** It runs programs of the user's: not in an untrusted workspace. */
  readonly needsTrust: boolean;
}

/**
 * A way to make an image. A part goes `submit` → ticket kept → `observe` → images. Killed at any point and started again,
 * `adopt` says where the work stands, so that no image is made or paid for twice.
 */
export interface Provider {
  readonly name: string;
  readonly kind: ProviderKind;
  /** A line for the person: `2 servers`, `imagegen generate`. */
  readonly detail: string;
  readonly capabilities: ProviderCapabilities;
  /** @throws LakesideError why it cannot work now: absent, refuses, answers nonsense, lacks a key */
  check(signal: AbortSignal): Promise<void>;
  /** What one can set, with the choices there are now; problems where they are not known. */
  fields(
    workflow: { readonly graph: WorkflowGraph; readonly bindings: Workflow['bindings'] } | undefined,
    signal: AbortSignal,
  ): Promise<{
    readonly fields: readonly InputField[];
    readonly problems: readonly { readonly code: string; readonly message: string }[];
  }>;
  /**
   * Sends the work. What is known to be wrong with it (a missing node, model or file) is thrown before anything is sent.
   * @throws LakesideError; `retryable` only if nothing was made or charged
   */
  submit(request: PartRequest, context: PartContext): Promise<Ticket>;
  /**
   * Asked for a part that was sent, or may have been, by a process that is gone.
   * @param ticket undefined when that process ended before it had one
   * @returns the ticket to observe; undefined when the work is certainly neither made nor charged, and may be sent again
   * @throws LakesideError OUTCOME_UNKNOWN when it cannot be told: only a person may send it again
   */
  adopt(request: PartRequest, ticket: Ticket | undefined, context: PartContext): Promise<Ticket | undefined>;
  /** Waits until the work is done. @throws LakesideError */
  observe(request: PartRequest, ticket: Ticket, context: PartContext): Promise<readonly ProducedImage[]>;
  /** Ends exactly this work; done or unknown work is no error. */
  cancel(request: PartRequest, ticket: Ticket, signal: AbortSignal): Promise<void>;
}
