import * as z from 'zod';

import { formatOf, MIME_OF } from '../../images/imageFormat.ts';

/** What a ComfyUI says on its socket, as far as it is of use. A `prompt` that is absent is not named: whichever runs. */
export type SocketMessage =
  | { readonly kind: 'executing'; readonly prompt: string | undefined; readonly node: string | null }
  | { readonly kind: 'cached'; readonly prompt: string; readonly nodes: readonly string[] }
  | {
      readonly kind: 'progress';
      readonly prompt: string | undefined;
      readonly node: string | undefined;
      readonly value: number;
      readonly max: number;
    }
  | {
      readonly kind: 'states';
      readonly prompt: string;
      readonly nodes: readonly {
        readonly node: string;
        readonly value: number;
        readonly max: number;
        readonly state: string;
      }[];
    }
  | { readonly kind: 'over'; readonly prompt: string }
  | {
      readonly kind: 'preview';
      readonly prompt: string | undefined;
      readonly mime: 'image/jpeg' | 'image/png' | 'image/webp';
      readonly bytes: Uint8Array;
    };

const envelope = z.looseObject({ type: z.string(), data: z.looseObject({}) });
const promptId = z.string().min(1);
const executing = z.looseObject({ node: z.string().nullable(), prompt_id: promptId.optional() });
const cached = z.looseObject({ nodes: z.array(z.string()), prompt_id: promptId });
const progress = z.looseObject({
  value: z.number(),
  max: z.number().positive(),
  prompt_id: promptId.nullish(),
  node: z.string().nullish(),
});
const states = z.looseObject({
  prompt_id: promptId,
  nodes: z.record(z.string(), z.looseObject({ value: z.number(), max: z.number(), state: z.string() })),
});
const over = z.looseObject({ prompt_id: promptId });

/** @returns undefined for what is of no use, or is no message of ComfyUI's */
export function readSocketText(text: string): SocketMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const message = envelope.safeParse(value);
  if (!message.success) return undefined;
  const { type, data } = message.data;
  switch (type) {
    case 'executing': {
      const said = executing.safeParse(data).data;
      if (said === undefined) return undefined;
      const { node, prompt_id: prompt } = said;
      return node === null && prompt !== undefined ? { kind: 'over', prompt } : { kind: 'executing', prompt, node };
    }
    case 'execution_cached': {
      const said = cached.safeParse(data).data;
      return said && { kind: 'cached', prompt: said.prompt_id, nodes: said.nodes };
    }
    case 'progress': {
      const said = progress.safeParse(data).data;
      if (said === undefined) return undefined;
      const { value: steps, max, prompt_id: prompt, node } = said;
      return { kind: 'progress', prompt: prompt ?? undefined, node: node ?? undefined, value: steps, max };
    }
    case 'progress_state': {
      const said = states.safeParse(data).data;
      if (said === undefined) return undefined;
      const nodes = Object.entries(said.nodes).map(([node, { value: steps, max, state }]) => ({
        node,
        value: steps,
        max,
        state,
      }));
      return { kind: 'states', prompt: said.prompt_id, nodes };
    }
    // The history is written a moment later: a hint to look, not an outcome.
    case 'execution_success':
    case 'execution_error':
    case 'execution_interrupted': {
      const said = over.safeParse(data).data;
      return said && { kind: 'over', prompt: said.prompt_id };
    }
    default:
      return undefined;
  }
}

const metadata = z.looseObject({ prompt_id: promptId.optional() });

/**
 * Reads a binary message: a big-endian u32 says what it is. 1: u32 format, image. 4: u32 length, JSON of that length, image.
 * @returns undefined for anything else, and for what is not an image
 */
export function readSocketBinary(bytes: Uint8Array): SocketMessage | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [event, second] = [view.getUint32(0), view.getUint32(4)];
  if (event === 1) return preview(bytes.subarray(8), undefined);
  if (event !== 4 || second > bytes.length - 8) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + second)));
  } catch {
    return undefined;
  }
  const parsed = metadata.safeParse(said);
  return preview(bytes.subarray(8 + second), parsed.success ? parsed.data.prompt_id : undefined);
}

function preview(bytes: Uint8Array, prompt: string | undefined): SocketMessage | undefined {
  const format = formatOf(bytes);
  return format === undefined || format === 'avif'
    ? undefined
    : { kind: 'preview', prompt, mime: MIME_OF[format], bytes };
}
