import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import { planPanelContract, type PlanPanelContract } from '../../src/protocol/panels/planPanel.ts';
import { connect, type Remote } from '../../src/protocol/rpc.ts';
import { browserClock } from './browserClock.ts';
import { openPanelChannel } from './host.ts';

/** The panel's host, as a panel sees it. */
export type PanelRemote = Remote<PlanPanelContract>;

export function connectToHost(): PanelRemote {
  const channel = openPanelChannel();
  const { remote } = connect({
    channel,
    local: panelViewContract,
    handlers: {},
    remote: planPanelContract,
    clock: browserClock,
    onProtocolError: (error) => {
      // A fault of ours; the browser test fails on what the console says.
      reportError(error);
    },
  });
  remote.on('dispose', ({ reason }) => channel.close(reason));
  return remote;
}
