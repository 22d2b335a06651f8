import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import '../shared/fields.css';
import './item.css';

import { createRoot } from 'react-dom/client';

import { itemPanelContract } from '../../src/protocol/panels/itemPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { panelState } from '../shared/host.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { ItemPanel } from './itemPanel.tsx';
import { ItemStore } from './itemStore.ts';

const store = new ItemStore(connectToHost(itemPanelContract), browserClock, panelState);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<ItemPanel store={store} />);
