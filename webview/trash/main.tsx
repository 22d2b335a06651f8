import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import '../shared/rowGrid.css';
import './trash.css';

import { createRoot } from 'react-dom/client';

import { trashPanelContract } from '../../src/protocol/panels/trashPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { TrashPanel } from './trashPanel.tsx';
import { TrashStore } from './trashStore.ts';

const remote = connectToHost(trashPanelContract);
const store = new TrashStore(remote, browserClock);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<TrashPanel store={store} remote={remote} />);
