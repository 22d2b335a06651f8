import { hostname } from 'node:os';
import * as z from 'zod';

import { errnoOf } from '../base/errors.ts';
import { processStart } from '../base/processIdentity.ts';

/** Who holds a lease: host, process, and when that process started, so that a reused pid is not mistaken for it. */
export interface LeaseOwner {
  readonly host: string;
  readonly pid: number;
  readonly start: string;
  /** Tells two engines of one process apart. */
  readonly nonce: string;
}

export function formatOwner(owner: LeaseOwner): string {
  return JSON.stringify([owner.host, owner.pid, owner.start, owner.nonce]);
}

const ownerSchema = z.tuple([z.string(), z.int(), z.string(), z.string()]);

export function parseOwner(text: string): LeaseOwner | undefined {
  try {
    const [host, pid, start, nonce] = ownerSchema.parse(JSON.parse(text));
    return { host, pid, start, nonce };
  } catch {
    return undefined; // Not ours: the lease then simply runs out.
  }
}

export function thisProcess(nonce: string): LeaseOwner {
  return { host: hostname(), pid: process.pid, start: processStart(process.pid) ?? '', nonce };
}

/**
 * True only when the owner certainly no longer runs: same machine, and its process gone, or its pid another's.
 * `soleEngine`: this process runs one engine at a time, so that another one of it has ended.
 */
export function isDead(owner: LeaseOwner, me: LeaseOwner, options: { readonly soleEngine: boolean }): boolean {
  if (owner.host !== me.host) return false;
  if (owner.pid === me.pid) return owner.start !== me.start || (options.soleEngine && owner.nonce !== me.nonce);
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return errnoOf(error) === 'ESRCH';
  }
  const start = processStart(owner.pid);
  return start !== undefined && owner.start !== '' && start !== owner.start;
}
