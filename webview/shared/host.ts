import { toDisposable } from '../../src/base/disposables.ts';
import { Emitter } from '../../src/base/events.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { type PanelEnvelope, panelEnvelopeSchema } from '../../src/protocol/panels/panelParts.ts';

/** The only door between a panel and VS Code. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  /** What `setState` kept while the panel was hidden; whatever an older version of us left there. */
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// VS Code hands the API out once a page.
const api = acquireVsCodeApi();

export const panelState = {
  get: (): unknown => api.getState(),
  set: (state: unknown): void => api.setState(state),
};

export interface PanelChannel extends Channel {
  /** Settles what still waits for an answer: the host is going away. */
  close(reason: string): void;
}

/** Joins this page to its host, under a session of its own (see `panelEnvelopeSchema`). */
export function openPanelChannel(): PanelChannel {
  const session = crypto.randomUUID();
  const messages = new Emitter<unknown>();
  const closes = new Emitter<string>();
  const receive = (event: MessageEvent<unknown>): void => {
    const envelope = panelEnvelopeSchema.safeParse(event.data);
    // VS Code and its page script use the same window for messages of their own.
    if (envelope.success && envelope.data.session === session) messages.fire(envelope.data.body);
  };
  window.addEventListener('message', receive);
  const listening = toDisposable(() => window.removeEventListener('message', receive));
  return {
    post(body) {
      api.postMessage({ session, body } satisfies PanelEnvelope);
    },
    onMessage: messages.event,
    onClose: closes.event,
    close(reason) {
      listening.dispose();
      closes.fire(reason);
    },
  };
}
