import type { ParsedSource } from './parsedSource.ts';

/**
 * Which part of the house may import which; every part may import itself. A part is a folder of src/, one of the three
 * composition roots, webview/shared, or `panel` for any other folder of webview/.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  store: ['base', 'protocol'],
  library: ['base', 'protocol', 'store', 'ioTasks'],
  // The table of what I/O threads can do names tasks of both; nothing but the threads and their pool knows it.
  ioTasks: ['base', 'library', 'transfer'],
  queue: ['base', 'protocol', 'store'],
  transfer: ['base', 'protocol', 'store', 'library'],
  studio: ['base', 'protocol', 'store', 'library', 'queue', 'transfer'],
  remote: ['base', 'protocol', 'store', 'library', 'queue', 'transfer'],
  app: ['base', 'protocol', 'store', 'library', 'queue', 'transfer', 'studio', 'remote'],
  host: ['base', 'protocol'],
  cli: ['base', 'protocol', 'engine', 'diffEngine'],
  engine: ['base', 'protocol', 'store', 'library', 'queue', 'transfer', 'studio', 'remote', 'app'],
  diffEngine: ['base', 'protocol', 'store', 'library'],
  extension: ['base', 'protocol', 'host'],
  // Errors, events and clocks of base/ are the same everywhere; `nodeInWebviews` keeps out what needs Node.
  'webview/shared': ['base', 'protocol'],
  panel: ['base', 'protocol', 'webview/shared'],
};

/** Packages that only some parts, or only one file, may know. */
const packageOwners: readonly { readonly packages: RegExp; readonly owner: RegExp }[] = [
  { packages: /^vscode$/, owner: /^src\/(host\/|extension\.ts$)/ },
  { packages: /^better-sqlite3$/, owner: /^src\/store\// },
  { packages: /^(react|react-dom|@vscode\/)/, owner: /^webview\// },
  { packages: /^commander$/, owner: /^src\/cli\// },
  { packages: /^write-file-atomic$/, owner: /^src\/base\/atomicFile\.ts$/ },
  { packages: /^(sharp|exifreader)$/, owner: /^src\/studio\/(images|metadata)\// },
  { packages: /^(blake3|blake3-wasm|@c4312\/)/, owner: /^src\/library\/blake3\.ts$/ },
];

/** Imports that cross the house where it has no door, as sentences. */
export function forbiddenImports(source: ParsedSource): string[] {
  const part = partOf(source.file);
  const allowed = mayImport[part];
  if (allowed === undefined) return [`${source.file} lies in ${part}, a part the house does not know`];
  return source.imports.flatMap(({ specifier, file }) => {
    if (file === undefined) {
      return packageOwners
        .filter(({ packages, owner }) => packages.test(specifier) && !owner.test(source.file))
        .map(({ owner }) => `${source.file} imports ${specifier}, which is for ${owner.source} only`);
    }
    if (!/\.(tsx?|css)$/.test(file)) return [`${source.file} imports ${specifier} without its extension`];
    const target = partOf(file);
    const isOwnPart = target === part && (part !== 'panel' || folderOf(file) === folderOf(source.file));
    if (isOwnPart || allowed.includes(target)) return [];
    return [`${source.file} (${part}) imports ${file} (${target})`];
  });
}

/** Node modules that a webview would load, by whatever way. */
export function nodeInWebviews(sources: readonly ParsedSource[]): string[] {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const reached = new Set(sources.map(({ file }) => file).filter((file) => file.startsWith('webview/')));
  const findings: string[] = [];
  for (const file of reached) {
    for (const imported of byFile.get(file)?.imports ?? []) {
      if (imported.file !== undefined) reached.add(imported.file);
      else if (imported.specifier.startsWith('node:')) {
        findings.push(`${file} is loaded by a webview and imports ${imported.specifier}`);
      }
    }
  }
  return findings;
}

/** Files that import each other in a circle, each circle once. */
export function importCycles(sources: readonly ParsedSource[]): string[] {
  const bySource = new Map(sources.map((source) => [source.file, source]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      return;
    }
    if (finished.has(file)) return;
    for (const imported of bySource.get(file)?.imports ?? []) {
      if (imported.file !== undefined) visit(imported.file, [...trail, file]);
    }
    finished.add(file);
  };
  for (const { file } of sources) visit(file, []);
  return cycles;
}

function partOf(file: string): string {
  const [top = '', folder = ''] = file.split('/');
  if (file === 'src/library/ioTasks.ts') return 'ioTasks';
  if (top === 'webview') return folder === 'shared' ? 'webview/shared' : 'panel';
  return folder.replace(/\.ts$/, '');
}

function folderOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}
