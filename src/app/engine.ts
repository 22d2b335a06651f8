import { LakesideError, toLakesideError } from '../base/errors.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { loadBlake3 } from '../library/blake3.ts';
import { readRootMarker } from '../library/rootMarker.ts';
import type { Settings } from '../protocol/settings.ts';
import type { RootRow } from '../store/rootStore.ts';
import { checkedStorageFolder } from '../studio/imagesFolder.ts';
import type { Core } from './core.ts';
import type { AreaImplementations } from './implementations.ts';
import { addRoot } from './roots.ts';
import { submitScan } from './submitScan.ts';

interface SettingProblem {
  readonly setting: string;
  readonly code: string;
  readonly message: string;
}

export function engineUseCases(core: Core): AreaImplementations<'engine'> {
  return {
    'engine.info': () => ({
      version: core.version,
      dataDir: core.dataDir,
      schema: core.store.schemaVersion(),
      hashImplementation: loadBlake3().implementation,
      queueRunning: core.queue.isRunning,
      reloadNeeded: core.reloadNeeded(),
      memoryBytes: process.memoryUsage.rss(),
    }),
    'engine.configure': async ({ settings, scanNew = false, trusted }) => {
      if (trusted !== undefined) core.setTrusted(trusted);
      core.configure(settings);
      const { added, problems } = seedRoots(core, settings);
      if (scanNew) await Promise.all(added.map((root) => submitScan(core, root, false)));
      return { problems: [...problems, ...imagesDirProblems(settings)] };
    },
  };
}

/** A folder that cannot be one is told of; until it is corrected images go to the data dir. */
function imagesDirProblems(settings: Settings): SettingProblem[] {
  const setting = 'studio.imagesDir';
  if (settings[setting] === '') return [];
  try {
    checkedStorageFolder(settings[setting]);
    return [];
  } catch (error) {
    const { code, message } = toLakesideError(error);
    return [{ setting, code, message }];
  }
}

/** Settings seed the roots table by name: a root that is missing is added, one that lies elsewhere follows. */
function seedRoots(core: Core, settings: Settings): { added: RootRow[]; problems: SettingProblem[] } {
  const added: RootRow[] = [];
  const problems: SettingProblem[] = [];
  const wanted = [
    {
      setting: 'local.root',
      name: 'local',
      role: 'local' as const,
      path: settings['local.root'],
      allowDelete: settings['local.allowDelete'],
    },
    {
      setting: 'lake.root',
      name: 'lake',
      role: 'lake' as const,
      path: settings['lake.root'],
      allowDelete: settings['lake.allowDelete'],
    },
    ...settings.roots.map((root, index) => ({ setting: `roots[${index}]`, role: 'other' as const, ...root })),
  ];
  for (const root of wanted.filter(({ path }) => path.trim() !== '')) {
    try {
      added.push(...seedRoot(core, root));
    } catch (error) {
      const { code, message } = toLakesideError(error);
      problems.push({ setting: root.setting, code, message });
    }
  }
  return { added, problems };
}

interface WantedRoot {
  readonly name: string;
  readonly role: 'local' | 'lake' | 'other';
  readonly path: string;
  readonly allowDelete: boolean;
  readonly network?: boolean;
}

/** Gives the root if it was added. */
function seedRoot(core: Core, wanted: WantedRoot): RootRow[] {
  const known = core.store.roots.byName(wanted.name);
  if (known === undefined) return [addRoot(core, wanted)];
  if (known.path !== wanted.path) {
    if (readRootMarker(wanted.path)?.id === known.id) {
      core.store.roots.update(known.key, { path: wanted.path });
      core.mounts.forget();
      core.changed('roots');
      return [];
    }
    throw new LakesideError(
      'ROOT_PATH_DIFFERS',
      'validation',
      `The root "${rootTitle(known.name)}" lies at ${known.path}, but the setting says ${wanted.path}. Move it there with "Lakeside: Set the ${rootTitle(known.name)} folder", or correct the setting.`,
      { context: { root: known.name, path: wanted.path } },
    );
  }
  if (known.allowDelete !== wanted.allowDelete) {
    core.store.roots.update(known.key, { allowDelete: wanted.allowDelete });
    core.changed('roots');
  }
  return [];
}
