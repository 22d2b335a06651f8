import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import '../shared/rowGrid.css';
import './plan.css';

import { createRoot } from 'react-dom/client';

import { planPanelContract } from '../../src/protocol/panels/planPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { PlanPanel } from './planPanel.tsx';
import { PlanStore } from './planStore.ts';

const remote = connectToHost(planPanelContract);
const store = new PlanStore(remote, browserClock);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<PlanPanel store={store} remote={remote} />);
