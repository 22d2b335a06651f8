import type * as z from 'zod';

import type { overviewGet } from '../../src/protocol/contracts/overview.ts';
import type { OverviewPanelContract } from '../../src/protocol/panels/overviewPanel.ts';
import type { Remote } from '../../src/protocol/rpc.ts';

/** The overview's host, as the overview sees it. */
export type OverviewRemote = Remote<OverviewPanelContract>;
export type Overview = z.output<(typeof overviewGet)['output']>;
