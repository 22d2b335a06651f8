import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { LakesideError } from '../../base/errors.ts';
import type { Channel } from '../../protocol/channel.ts';
import { panelViewContract } from '../../protocol/panels/panelParts.ts';
import {
  planPanelContract,
  type PlanPanelContract,
  type PlanPanelHostRequestName,
  type PlanPanelUseCaseName,
} from '../../protocol/panels/planPanel.ts';
import { connect, type HandlerContext, type Handlers, type Peer } from '../../protocol/rpc.ts';
import type { UseCaseInput, UseCaseOutput } from '../../protocol/useCases.ts';
import type { EngineClient } from '../engineClient.ts';

export type PanelEngine = Pick<EngineClient, 'call' | 'on'>;

/** What the panel's host does itself, and the use cases it stands in front of (a tick that must be undoable). */
export type PanelHostHandlers = Pick<Handlers<PlanPanelContract>, PlanPanelHostRequestName> &
  Partial<Pick<Handlers<PlanPanelContract>, PlanPanelUseCaseName>>;

export interface PanelBridgeOptions {
  readonly channel: Channel;
  readonly engine: PanelEngine;
  readonly handlers: PanelHostHandlers;
  /** Hidden panels lose what is sent to them, and fetch everything afresh when they are shown. */
  readonly isVisible: () => boolean;
  readonly onProtocolError: (error: LakesideError) => void;
}

export interface PanelBridge extends Disposable {
  readonly emit: Peer<PlanPanelContract, typeof panelViewContract>['emit'];
}

/** Serves a panel: what is in the panel's contract goes to the engine, hints come back, all else is refused. */
export function servePanel(options: PanelBridgeOptions): PanelBridge {
  const { channel, engine, isVisible } = options;
  const forward =
    <K extends PlanPanelUseCaseName>(name: K) =>
    (input: UseCaseInput<K>, { signal, idempotencyKey }: HandlerContext): Promise<UseCaseOutput<K>> =>
      engine.call(name, input, { signal, idempotencyKey });

  const forwarded: Pick<Handlers<PlanPanelContract>, PlanPanelUseCaseName> = {
    'plans.info': forward('plans.info'),
    'plans.page': forward('plans.page'),
    'plans.tick': forward('plans.tick'),
    'plans.apply': forward('plans.apply'),
    'plans.result': forward('plans.result'),
    'roots.list': forward('roots.list'),
    'roots.space': forward('roots.space'),
    'jobs.get': forward('jobs.get'),
    'jobs.list': forward('jobs.list'),
    'jobs.cancel': forward('jobs.cancel'),
    'jobs.retry': forward('jobs.retry'),
  };

  const owned = new DisposableStore();
  const peer = owned.add(
    connect({
      channel,
      local: planPanelContract,
      handlers: { ...forwarded, ...options.handlers },
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
