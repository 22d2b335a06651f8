import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import '../shared/fields.css';
import './overview.css';

import { createRoot } from 'react-dom/client';

import { overviewPanelContract } from '../../src/protocol/panels/overviewPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { OverviewPanel } from './overviewPanel.tsx';
import { OverviewStore } from './overviewStore.ts';

const store = new OverviewStore(connectToHost(overviewPanelContract), browserClock);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<OverviewPanel store={store} />);
