import { LakesideError, toLakesideError } from '../base/errors.ts';
import type { ProviderInfo } from '../protocol/contracts/providers.ts';
import type { Provider } from '../studio/providers/provider.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { refuseUntrusted } from './refuseUntrusted.ts';

/** A provider that says nothing for so long does not work now. */
const CHECK_MS = 8_000;

export function providerUseCases(core: Core): AreaImplementations<'providers'> {
  return {
    'providers.list': async ({ check }, { signal }) => ({
      providers: await Promise.all(
        core.providers.list().map(async (provider) => ({
          ...describe(provider),
          ...(check ? await health(core, provider, signal) : {}),
        })),
      ),
    }),
  };
}

function describe({ name, kind, detail, capabilities }: Provider): ProviderInfo {
  const { workflows, seeds } = capabilities;
  return { name, kind, detail, workflows, seeds };
}

async function health(
  core: Core,
  provider: Provider,
  signal: AbortSignal,
): Promise<Pick<ProviderInfo, 'available' | 'problem'>> {
  const late = AbortSignal.timeout(CHECK_MS);
  try {
    refuseUntrusted(core, provider);
    await provider.check(AbortSignal.any([signal, late]));
    return { available: true };
  } catch (error) {
    if (signal.aborted) throw error;
    const problem = late.aborted ? noAnswer(provider) : toLakesideError(error);
    return { available: false, problem: core.secrets.hideIn(problem).toShape() };
  }
}

function noAnswer({ name }: Provider): LakesideError {
  const sentence = `The provider "${name}" gave no answer within ${CHECK_MS / 1000} s. Look whether it runs.`;
  return new LakesideError('PROVIDER_TIMEOUT', 'provider', sentence, { retryable: true });
}
