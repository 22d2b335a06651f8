import type { Clock } from '../../base/clock.ts';
import { LakesideError } from '../../base/errors.ts';
import type { Settings } from '../../protocol/settings.ts';
import { PROVIDER_KINDS, type ProviderKind } from '../../protocol/studioValues.ts';
import type { ImagePool } from '../imagePool.ts';
import { ComfyuiProvider } from './comfyui/comfyuiProvider.ts';
import { CommandProvider } from './command/commandProvider.ts';
import { DraftProvider } from './draftProvider.ts';
import { HttpImagesProvider } from './httpImages/httpImagesProvider.ts';
import type { Provider } from './provider.ts';

/** What the providers are made of. */
export interface ProviderParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly images: ImagePool;
  /** A key for an outside service, by the provider's name; undefined where there is none. Asked each time it is needed. */
  readonly secret: (name: string) => Promise<string | undefined>;
}

/** The providers of each kind that the settings name. They are made anew when the settings change. */
const FACTORIES: Readonly<Record<ProviderKind, (parts: ProviderParts) => readonly Provider[]>> = {
  comfyui: ({ settings, clock }) => {
    const servers = settings['comfyui.servers'];
    return servers.length === 0 ? [] : [new ComfyuiProvider({ servers, clock })];
  },
  command: ({ settings, clock }) => settings['studio.commands'].map((setting) => new CommandProvider(setting, clock)),
  http: ({ settings, clock, secret }) =>
    settings['studio.apis'].map((api) => new HttpImagesProvider({ api, clock, secret: () => secret(api.name) })),
  draft: ({ images }) => [new DraftProvider(images)],
};

/** The ways to make an image that are set up here, by name. */
export class ProviderRegistry {
  readonly #parts: Omit<ProviderParts, 'settings'>;
  #providers: readonly Provider[] = [];

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.configure(parts.settings);
  }

  /** Makes the providers anew. Runs under way keep those they began with. */
  configure(settings: Settings): void {
    const parts = { ...this.#parts, settings };
    this.#providers = PROVIDER_KINDS.flatMap((kind) => FACTORIES[kind](parts));
  }

  list(): readonly Provider[] {
    return this.#providers;
  }

  /** The first of that name, whatever its case. */
  find(name: string): Provider | undefined {
    const folded = name.toLowerCase();
    return this.#providers.find((provider) => provider.name.toLowerCase() === folded);
  }

  /** @throws LakesideError PROVIDER_UNKNOWN */
  require(name: string): Provider {
    const provider = this.find(name);
    if (provider !== undefined) return provider;
    const known = this.#providers.map((each) => each.name).join(', ');
    throw new LakesideError(
      'PROVIDER_UNKNOWN',
      'validation',
      `There is no provider named "${name}". Known providers: ${known}. Others are set up in the settings.`,
      { context: { provider: name } },
    );
  }
}
