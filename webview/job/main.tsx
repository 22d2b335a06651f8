import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import './job.css';

import { createRoot } from 'react-dom/client';

import { jobPanelContract } from '../../src/protocol/panels/jobPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { JobPanel } from './jobPanel.tsx';
import { JobStore } from './jobStore.ts';

const store = new JobStore(connectToHost(jobPanelContract), browserClock);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<JobPanel store={store} />);
