import { formatBytes } from '../base/format.ts';
import type { GenerationData } from '../protocol/studioValues.ts';

const SOURCES: Readonly<Record<GenerationData['source'], string>> = {
  lakeside: 'Lakeside',
  comfyui: 'ComfyUI',
  a1111: 'Stable Diffusion web UI (A1111)',
  invokeai: 'InvokeAI',
  swarmui: 'SwarmUI',
  unknown: 'unknown',
};

/** What an image says about how it was made, as a text to read, search and copy from. */
export function generationText(fileName: string, data: GenerationData): string {
  const facts: [string, string | number | undefined][] = [
    ['Made with', SOURCES[data.source]],
    ['Image', `${data.width} × ${data.height}, ${data.format.toUpperCase()}, ${formatBytes(data.bytes)}`],
    ['Model', data.model],
    ['Seed', data.seed],
    ['Steps', data.steps],
    ['CFG', data.cfg],
    ['Sampler', data.sampler],
    ['Scheduler', data.scheduler],
    ...(data.loras ?? []).map(({ name, strength }): [string, string] => [
      'LoRA',
      strength === undefined ? name : `${name} (${strength})`,
    ]),
  ];
  const saysNothing = data.source === 'unknown' && data.prompt === undefined && data.graph === undefined;
  const sections: [string, string | undefined][] = [
    ['Prompt', data.prompt],
    ['Negative prompt', data.negative],
    ['More', table(Object.entries(data.more ?? {}))],
    ['Graph (API format)', data.graph === undefined ? undefined : prettyJson(data.graph)],
    ['Workflow', data.workflow === undefined ? undefined : prettyJson(data.workflow)],
  ];
  return [
    `# ${fileName}`,
    table(facts),
    saysNothing ? 'The file does not say how it was made.' : '',
    ...sections.map(([title, text]) => (text === undefined || text === '' ? '' : `## ${title}\n\n${text}`)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function table(rows: readonly (readonly [string, string | number | undefined])[]): string {
  const known = rows.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.min(24, Math.max(0, ...known.map(([name]) => name.length)));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`).join('\n');
}

/** Indented where it is JSON; as it is where it only looks like it. */
function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
