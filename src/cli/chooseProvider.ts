import { LakesideError } from '../base/errors.ts';
import type { Session } from './session.ts';

/**
 * The provider that was named, or the first that works now. A draft is never taken unasked: who wants an image must not
 * get a placeholder for it.
 */
export async function chooseProvider(
  session: Session,
  named: string | undefined,
  runsWorkflow: boolean,
): Promise<string> {
  if (named !== undefined) return named;
  const { providers } = await session.call('providers.list', { check: true }, { signal: session.signal });
  const fitting = providers.filter(({ kind, workflows }) => kind !== 'draft' && (workflows || !runsWorkflow));
  const working = fitting.find(({ available }) => available === true);
  if (working !== undefined) {
    if (fitting.length > 1) session.terminal.note(`Made with ${working.name}; --provider names another one.`);
    return working.name;
  }
  const problem = fitting.find((provider) => provider.problem !== undefined)?.problem;
  const hint = 'Or take another provider: "--provider draft" makes placeholders.';
  if (problem !== undefined) throw LakesideError.fromShape({ ...problem, message: `${problem.message} ${hint}` });
  throw new LakesideError('PROVIDER_NONE', 'validation', `No provider is set up that makes images. ${hint}`);
}
