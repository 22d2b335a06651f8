import { untilAborted } from '../../base/abort.ts';
import type { PartContext, PartRequest, Provider, Ticket } from '../providers/provider.ts';

/** How long a provider may take to end what is no longer wanted. */
const CANCEL_MS = 10_000;

/**
 * Tells a provider to end a part that was sent, or may have been. Rejects where it cannot be reached in time, or cannot
 * tell.
 */
export async function cancelPart(
  provider: Provider,
  request: PartRequest,
  ticket: Ticket | undefined,
  context: Omit<PartContext, 'signal'>,
): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  const end = async (): Promise<void> => {
    // It was being sent: whether it arrived the provider has to say.
    const known = ticket ?? (await provider.adopt(request, undefined, { ...context, signal }));
    if (known !== undefined) await provider.cancel(request, known, signal);
  };
  await untilAborted(end(), signal, `Ending image ${request.part}`);
}
