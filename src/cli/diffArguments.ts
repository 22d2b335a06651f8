/** What `lakeside diff --json` was asked. */
export interface DiffArguments {
  readonly from: string;
  readonly to: string;
  readonly all: boolean;
  readonly dataDir: string | undefined;
}

const VALUES = { '--from': 'from', '--to': 'to', '--data-dir': 'dataDir' } as const;

/**
 * Reads the arguments of a plain `diff --json`: each option once, as a word of its own before its value.
 * @returns undefined for anything else, which the whole command line reads (or refuses)
 */
export function readDiffArguments(args: readonly string[]): DiffArguments | undefined {
  const flags = new Set<string>();
  const values: { from?: string; to?: string; dataDir?: string } = {};
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--from' || arg === '--to' || arg === '--data-dir') {
      const value = args[++index];
      if (value === undefined || value === '' || value.startsWith('-') || values[VALUES[arg]] !== undefined)
        return undefined;
      values[VALUES[arg]] = value;
    } else if (['diff', '--json', '--all'].includes(arg) && !flags.has(arg)) flags.add(arg);
    else return undefined;
  }
  const { from, to, dataDir } = values;
  if (!flags.has('diff') || !flags.has('--json') || from === undefined || to === undefined) return undefined;
  return { from, to, all: flags.has('--all'), dataDir };
}
