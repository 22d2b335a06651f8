import '../shared/cspSafeZod.ts';
import '../shared/theme.css';
import '../shared/virtualGrid.css';
import './images.css';

import { createRoot } from 'react-dom/client';

import { imagesPanelContract } from '../../src/protocol/panels/imagesPanel.ts';
import { browserClock } from '../shared/browserClock.ts';
import { connectToHost } from '../shared/panelClient.ts';
import { keptScope } from './galleryState.ts';
import { GalleryStore } from './galleryStore.ts';
import { ImagesPanel } from './imagesPanel.tsx';

const store = new GalleryStore(connectToHost(imagesPanelContract), browserClock, keptScope());
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<ImagesPanel store={store} />);
