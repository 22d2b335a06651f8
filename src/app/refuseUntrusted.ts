import { LakesideError } from '../base/errors.ts';
import type { Provider } from '../studio/providers/provider.ts';
import type { Core } from './core.ts';

/** Throws WORKSPACE_UNTRUSTED for a provider that runs programs, where the workspace of this window is not trusted. */
export function refuseUntrusted(core: Core, { name, capabilities }: Provider): void {
  if (!capabilities.needsTrust || core.trusted()) return;
  throw new LakesideError(
    'WORKSPACE_UNTRUSTED',
    'policy',
    `The provider "${name}" runs a program, which is not done in a workspace that is not trusted. Trust the workspace first.`,
  );
}

/**
 * Throws WORKSPACE_UNTRUSTED where the workspace of this window is not trusted.
 * @param what ends the sentence: `nothing is applied`
 */
export function requireTrusted(core: Core, what: string): void {
  if (core.trusted()) return;
  throw new LakesideError(
    'WORKSPACE_UNTRUSTED',
    'policy',
    `This workspace is not trusted, so ${what}. Trust the workspace first.`,
  );
}
