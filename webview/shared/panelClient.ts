import type * as z from 'zod';

import { panelViewContract, type sharedPanelEvents } from '../../src/protocol/panels/panelParts.ts';
import { connect, type Contract, type Remote, type RequestContract } from '../../src/protocol/rpc.ts';
import { browserClock } from './browserClock.ts';
import { openPanelChannel } from './host.ts';

/** A panel's contract: whatever it asks, its host may always go away. */
type PanelContract = Contract<
  Record<string, RequestContract>,
  Record<string, z.ZodType> & Pick<typeof sharedPanelEvents, 'dispose'>
>;

/** Joins this page to its host, whose contract this is. Called once a page. */
export function connectToHost<C extends PanelContract>(contract: C): Remote<C>;
export function connectToHost(contract: PanelContract): Remote<PanelContract> {
  const channel = openPanelChannel();
  const { remote } = connect({
    channel,
    local: panelViewContract,
    handlers: {},
    remote: contract,
    clock: browserClock,
    onProtocolError: (error) => {
      // A fault of ours; the browser test fails on what the console says.
      reportError(error);
    },
  });
  remote.on('dispose', ({ reason }) => channel.close(reason));
  return remote;
}
