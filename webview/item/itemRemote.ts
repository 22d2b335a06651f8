import type { ItemPanelContract } from '../../src/protocol/panels/itemPanel.ts';
import type { Remote } from '../../src/protocol/rpc.ts';

/** The editor's host, as the editor sees it. */
export type ItemRemote = Remote<ItemPanelContract>;
