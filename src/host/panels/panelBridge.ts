import type * as z from 'zod';

import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { LakesideError } from '../../base/errors.ts';
import type { Channel } from '../../protocol/channel.ts';
import { panelViewContract, type sharedPanelEvents } from '../../protocol/panels/panelParts.ts';
import { connect, type Contract, type Handlers, type Peer, type RequestContract } from '../../protocol/rpc.ts';
import type { CallOptions } from '../../protocol/useCases.ts';
import type { EngineClient } from '../engineClient.ts';

export type PanelEngine = Pick<EngineClient, 'call' | 'on'>;

/** What every panel's host answers and tells, whatever else its own contract holds. */
export type PanelContract = Contract<
  Record<string, RequestContract>,
  Record<string, z.ZodType> & typeof sharedPanelEvents
>;

/** The use cases a panel may call, by name, as its contract lists them (`PLAN_PANEL_USE_CASES`). */
export type PanelUseCases = Readonly<Record<string, RequestContract>>;

/** What the panel's host does itself, and the use cases it stands in front of (a tick that must be undoable). */
export type PanelHostHandlers<C extends PanelContract, U extends PanelUseCases> = Omit<Handlers<C>, keyof U> &
  Partial<Pick<Handlers<C>, keyof U & keyof Handlers<C>>>;

/** Use cases by name: the panel's contract parses what goes in and the panel what comes out, so nothing is believed here. */
export interface ForwardingEngine {
  call(name: string, input: unknown, options: CallOptions): Promise<unknown>;
  readonly on: PanelEngine['on'];
}

export interface PanelBridgeOptions<C extends PanelContract, U extends PanelUseCases> {
  readonly channel: Channel;
  readonly contract: C;
  /** Forwarded to the engine, unless a handler stands in front of it; all else of the contract has a handler. */
  readonly useCases: U;
  readonly engine: ForwardingEngine;
  readonly handlers: PanelHostHandlers<C, U>;
  /** Hidden panels lose what is sent to them, and fetch everything afresh when they are shown. */
  readonly isVisible: () => boolean;
  readonly onProtocolError: (error: LakesideError) => void;
}

export interface PanelBridge<C extends PanelContract> extends Disposable {
  readonly emit: Peer<C, typeof panelViewContract>['emit'];
}

/** Serves a panel: what is in the panel's contract goes to the engine, hints come back, all else is refused. */
export function servePanel<C extends PanelContract, U extends PanelUseCases>(
  options: PanelBridgeOptions<C, U>,
): PanelBridge<C>;
export function servePanel(options: PanelBridgeOptions<PanelContract, PanelUseCases>): PanelBridge<PanelContract> {
  const { channel, contract, engine, isVisible } = options;
  const handlers: Record<string, Handlers<PanelContract>[string]> = {};
  for (const name of Object.keys(options.useCases)) {
    handlers[name] = (input, { signal, idempotencyKey }) => engine.call(name, input, { signal, idempotencyKey });
  }
  for (const [name, handler] of Object.entries(options.handlers)) {
    if (handler !== undefined) handlers[name] = handler;
  }

  const owned = new DisposableStore();
  const peer = owned.add(
    connect({
      channel,
      local: contract,
      handlers,
      remote: panelViewContract,
      onProtocolError: options.onProtocolError,
    }),
  );
  owned.add(
    engine.on('changed', (payload) => {
      if (isVisible()) peer.emit('changed', payload);
    }),
  );
  owned.add(
    engine.on('progress', (payload) => {
      if (isVisible()) peer.emit('progress', payload);
    }),
  );
  return {
    emit: (name, payload) => peer.emit(name, payload),
    dispose: () => {
      peer.emit('dispose', { reason: 'The panel was closed.' });
      owned.dispose();
    },
  };
}
