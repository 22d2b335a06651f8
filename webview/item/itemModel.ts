import { formatQuantity } from '../../src/base/format.ts';
import type { ProviderInfo } from '../../src/protocol/contracts/providers.ts';
import type {
  GenerationValues,
  InputField,
  InstructionScope,
  MergedPrompt,
  Workflow,
  WorkItem,
} from '../../src/protocol/studioValues.ts';

/** What the editor would generate with, as far as it was said. */
export type Draft = WorkItem['draft'];
export type PieceOrigin = MergedPrompt['parts'][number]['from'];
export type FieldValue = GenerationValues[string];

export const ORIGIN_WORDS: Readonly<Record<PieceOrigin, string>> = {
  prompt: 'Prompt',
  item: 'Work item',
  project: 'Project',
  brand: 'Brand',
  voice: 'Voice',
  user: 'You',
};

export const SCOPE_WORDS: Readonly<Record<InstructionScope, string>> = {
  item: 'Work item',
  project: 'Project',
  brand: 'Brand',
  user: 'You',
};

/** For whom a text in this scope counts as well. */
export function scopeReach(scope: InstructionScope, name: string): string {
  switch (scope) {
    case 'item':
      return 'Counts for this work item only.';
    case 'project':
      return `Counts for every work item of ${name}.`;
    case 'brand':
      return `Counts for every project of ${name}.`;
    case 'user':
      return `Counts for everything that ${name} makes.`;
  }
}

/** A stretch of the text that is sent, and the scope that it came from. */
export interface SentPiece {
  readonly from: PieceOrigin | undefined;
  readonly text: string;
}

/** The prompt exactly as it is sent, cut where its origin changes: joined by line ends it is the prompt again. */
export function sentPieces({ prompt, parts }: MergedPrompt): readonly SentPiece[] {
  if (prompt === '') return [];
  // From the most particular on, which is the order of sending.
  const sources = parts.toReversed().map(({ from, text }) => ({ from, lines: new Set(text.split('\n').map(bare)) }));
  const pieces: { from: PieceOrigin | undefined; lines: string[] }[] = [];
  let current = 0;
  for (const line of prompt.split('\n')) {
    const found = sources.findIndex(({ lines }, index) => index >= current && lines.has(bare(line)));
    if (found >= 0 && bare(line) !== '') current = found;
    const from = sources[current]?.from;
    const last = pieces.at(-1);
    if (last?.from === from && last !== undefined) last.lines.push(line);
    else pieces.push({ from, lines: [line] });
  }
  return pieces.map(({ from, lines }) => ({ from, text: lines.join('\n') }));
}

/** A line without the comma that joins it to the next piece. */
function bare(line: string): string {
  return line.trim().replace(/,$/, '');
}

/** The provider that is meant: the one chosen, else the first that can work, else the first. */
export function chosenProvider(providers: readonly ProviderInfo[], draft: Draft): ProviderInfo | undefined {
  if (draft.provider !== undefined) return providers.find(({ name }) => name === draft.provider);
  return providers.find(({ available }) => available === true) ?? providers[0];
}

/** The workflow that is meant: the one chosen, else the first; none where the provider runs none. */
export function chosenWorkflow(
  workflows: readonly Workflow[],
  draft: Draft,
  provider: ProviderInfo | undefined,
): Workflow | undefined {
  if (provider?.workflows !== true) return undefined;
  if (draft.workflow !== undefined) return workflows.find(({ id }) => id === draft.workflow);
  return workflows[0];
}

/** Fields that have a place of their own in the editor. */
const PLACED = new Set(['prompt', 'negative', 'seed']);

export function settingFields(fields: readonly InputField[]): readonly InputField[] {
  return fields.filter(({ name }) => !PLACED.has(name));
}

export function hasField(fields: readonly InputField[] | undefined, name: string): boolean {
  return fields?.some((field) => field.name === name) ?? false;
}

/**
 * Whether a prompt, a negative prompt or a seed goes anywhere. A workflow says so by its bindings; other providers take
 * them without naming them as fields.
 */
export function takes(
  provider: ProviderInfo | undefined,
  fields: readonly InputField[] | undefined,
  name: 'prompt' | 'negative',
): boolean {
  return provider?.workflows !== true || fields === undefined || hasField(fields, name);
}

/** Values that were set for something the provider does not have now: kept, and not sent. */
export function valuesWithoutField(
  values: GenerationValues,
  fields: readonly InputField[],
): readonly { readonly name: string; readonly value: FieldValue }[] {
  return Object.entries(values)
    .filter(([name]) => !hasField(fields, name))
    .map(([name, value]) => ({ name, value }));
}

/** What is sent: values of fields there are. All of them while the fields are not known. */
export function valuesToSend(values: GenerationValues, fields: readonly InputField[] | undefined): GenerationValues {
  if (fields === undefined) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => hasField(fields, name)));
}

export interface Readiness {
  readonly providers: readonly ProviderInfo[] | undefined;
  readonly provider: ProviderInfo | undefined;
  readonly workflow: Workflow | undefined;
  readonly workflows: readonly Workflow[] | undefined;
  readonly fields: readonly InputField[] | undefined;
  readonly merged: MergedPrompt | undefined;
  readonly draft: Draft;
  readonly trusted: boolean;
}

/** Why nothing can be generated now, as a sentence; undefined when it can. */
export function generateBlock(readiness: Readiness): string | undefined {
  const { providers, provider, workflow, workflows, fields, merged, draft, trusted } = readiness;
  if (providers === undefined) return 'Looking for providers.';
  if (provider === undefined) {
    return draft.provider === undefined
      ? 'No provider is set up. Add one in the settings.'
      : `There is no provider called ${draft.provider} any more. Choose another one.`;
  }
  if (provider.kind === 'command' && !trusted) {
    return `This workspace is not trusted, and ${provider.name} runs a program. Trust the workspace, or choose another provider.`;
  }
  if (provider.workflows && workflows !== undefined && workflow === undefined) {
    return draft.workflow === undefined
      ? 'There is no workflow. Import one.'
      : 'The chosen workflow is not there any more. Choose another one.';
  }
  const isPromptEmpty = (draft.prompt ?? '').trim() === '' && (merged?.prompt ?? '').trim() === '';
  // An image to begin with, or a program of one's own, may do without.
  const needsPrompt = provider.kind !== 'command' && takes(provider, fields, 'prompt') && !hasField(fields, 'image');
  return needsPrompt && isPromptEmpty ? 'Write a prompt first.' : undefined;
}

export function generateLabel(count: number): string {
  return count === 1 ? 'Generate' : `Generate ${formatQuantity(count, 'image')}`;
}

export type ProviderCondition =
  | { readonly kind: 'checking' | 'ready'; readonly text: string }
  | { readonly kind: 'away'; readonly text: string; readonly code: string };

export function providerCondition(provider: ProviderInfo, checking: boolean): ProviderCondition {
  if (provider.available === false) {
    const { message = `${provider.name} cannot work now.`, code = 'PROVIDER_AWAY' } = provider.problem ?? {};
    return { kind: 'away', text: message, code };
  }
  if (provider.available === true) return { kind: 'ready', text: 'Ready' };
  return { kind: 'checking', text: checking ? `Asking ${provider.name} whether it is there…` : 'Not asked yet' };
}

/** A seed as other programs make them, so that it can be carried over: 32 bits. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** The last part of a path of either kind of system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
