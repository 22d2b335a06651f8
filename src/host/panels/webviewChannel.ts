import { type Disposable, DisposableStore, toDisposable } from '../../base/disposables.ts';
import { LakesideError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import type { Channel } from '../../protocol/channel.ts';
import { type PanelEnvelope, panelEnvelopeSchema } from '../../protocol/panels/panelParts.ts';

/** The part of `vscode.Webview` a channel needs. */
export interface WebviewPort {
  postMessage(message: unknown): PromiseLike<boolean>;
  onDidReceiveMessage(listener: (message: unknown) => void): Disposable;
}

/**
 * Gives a channel for each life of a panel. VS Code tears a hidden webview down and loads it afresh when it is shown,
 * without a word to us: the first message of the new page bears a new session, which closes the old channel.
 *
 * @param serve joins the channel to what answers it; what it returns is disposed when that life ends
 * @param onError told of messages that are not a panel's
 */
export function acceptPanelSessions(
  webview: WebviewPort,
  serve: (channel: Channel) => Disposable,
  onError: (error: LakesideError) => void,
): Disposable {
  let current: { id: string; channel: SessionChannel; served: Disposable } | undefined;

  function end(reason: string): void {
    const ended = current;
    current = undefined;
    ended?.channel.close(reason);
    ended?.served.dispose();
  }

  const owned = new DisposableStore();
  owned.add(toDisposable(() => end('The panel was closed.')));
  owned.add(
    webview.onDidReceiveMessage((message) => {
      const envelope = panelEnvelopeSchema.safeParse(message);
      if (!envelope.success) {
        onError(new LakesideError('BAD_MESSAGE', 'unknown', 'A panel sent a message of an unknown shape.'));
        return;
      }
      const { session, body } = envelope.data;
      if (current?.id !== session) {
        end('The panel was loaded afresh.');
        const channel = new SessionChannel(webview, session);
        current = { id: session, channel, served: serve(channel) };
      }
      current.channel.receive(body);
    }),
  );
  return owned;
}

class SessionChannel implements Channel {
  readonly #webview: WebviewPort;
  readonly #session: string;
  readonly #messages = new Emitter<unknown>();
  readonly #closes = new Emitter<string>();
  #open = true;

  constructor(webview: WebviewPort, session: string) {
    this.#webview = webview;
    this.#session = session;
  }

  post(message: unknown): void {
    if (!this.#open) return;
    const envelope: PanelEnvelope = { session: this.#session, body: message };
    // A rejection means that the webview is gone; its disposal, which closes this channel, is on its way.
    this.#webview.postMessage(envelope).then(undefined, () => this.close('The panel was closed.'));
  }

  onMessage(listener: (message: unknown) => void): Disposable {
    return this.#messages.event(listener);
  }

  onClose(listener: (reason: string) => void): Disposable {
    return this.#closes.event(listener);
  }

  receive(message: unknown): void {
    if (this.#open) this.#messages.fire(message);
  }

  close(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#closes.fire(reason);
    this.#messages.dispose();
    this.#closes.dispose();
  }
}
